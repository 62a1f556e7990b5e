import { useTranslation } from 'react-i18next';

import { useEnterprise } from '../../session/enterprise.ts';
import { Page } from '../../ui/page.tsx';
import { UsersPanel } from './users-panel.tsx';

export default function UsersPage() {
  const { t } = useTranslation();
  const { number, name } = useEnterprise();
  return (
    <Page title={t('users.title')} subtitle={`${number} ${name}`}>
      <UsersPanel number={number} />
    </Page>
  );
}
