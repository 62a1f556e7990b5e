import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { useEnterprise } from '../../session/enterprise.ts';
import { IntegrationsButton } from '../../shell/integrations-button.tsx';
import { Page } from '../../ui/page.tsx';
import { Loaded, LoadingState } from '../../ui/states.tsx';
import { overviewQuery } from './api.ts';
import { OverviewContent } from './overview-content.tsx';

export default function OverviewPage() {
  const { t } = useTranslation();
  const { number, name } = useEnterprise();
  const query = useQuery(overviewQuery(number));
  return (
    <Page
      title={t('overview.title')}
      subtitle={`${number} ${name}`}
      actions={<IntegrationsButton number={number} />}
    >
      <Loaded query={query} loading={<LoadingState rows={4} height={92} />}>
        {(overview) => <OverviewContent overview={overview} number={number} />}
      </Loaded>
    </Page>
  );
}
