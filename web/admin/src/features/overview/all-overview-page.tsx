import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { Page } from '../../ui/page.tsx';
import { Loaded, LoadingState } from '../../ui/states.tsx';
import { allOverviewQuery } from './api.ts';
import { OverviewContent } from './overview-content.tsx';

export default function AllOverviewPage() {
  const { t } = useTranslation();
  const query = useQuery(allOverviewQuery);
  return (
    <Page title={t('overview.allTitle')}>
      <Loaded query={query} loading={<LoadingState rows={4} height={92} />}>
        {(overview) => <OverviewContent overview={overview} number={undefined} />}
      </Loaded>
    </Page>
  );
}
