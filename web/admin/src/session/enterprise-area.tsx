import { useTranslation } from 'react-i18next';
import { Outlet, useParams } from 'react-router';

import { EmptyState, Loaded, LoadingState } from '../ui/states.tsx';
import { EnterpriseContext, useEnterpriseHeads } from './enterprise.ts';
import { TimezoneContext } from './timezone.ts';

/** The pages of one enterprise: its name and its clock for all of them. An address of somebody else's leads nowhere. */
export function EnterpriseArea() {
  const { t } = useTranslation();
  const { number } = useParams();
  const heads = useEnterpriseHeads();
  return (
    <Loaded query={heads} loading={<LoadingState rows={6} height={32} />}>
      {(known) => {
        const enterprise = known.find((head) => head.number === number);
        if (!enterprise)
          return (
            <EmptyState icon="lock" title={t('common.denied')} text={t('common.deniedText')} />
          );
        return (
          <EnterpriseContext value={enterprise}>
            <TimezoneContext value={enterprise.timezone}>
              <Outlet key={enterprise.number} />
            </TimezoneContext>
          </EnterpriseContext>
        );
      }}
    </Loaded>
  );
}
