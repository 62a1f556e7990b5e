import { useTranslation } from 'react-i18next';

import { useEnterprise } from '../../session/enterprise.ts';
import { Page } from '../../ui/page.tsx';
import { IntegrationsManager } from './integrations-manager.tsx';

export default function IntegrationsPage() {
  const { t } = useTranslation();
  const { number, name } = useEnterprise();
  return (
    <Page title={t('integrations.title')} subtitle={`${number} ${name}`}>
      <IntegrationsManager number={number} />
    </Page>
  );
}
