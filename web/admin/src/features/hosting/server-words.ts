import { useTranslation } from 'react-i18next';

import { Server, type Server as ServerRow } from '../../../../../shared/hosting/servers.schema.ts';
import type { Tone } from '../../ui/status.tsx';

export type ServerStatus = ServerRow['status'];
export const SERVER_STATUSES = Server.shape.status.options;
export const PERIODS = Server.shape.payment_period.options;

export const SERVER_TONES: Record<ServerStatus, Tone> = {
  active: 'green',
  overdue: 'red',
  suspended: 'amber',
  closed: 'grey',
};

export function useServerWords() {
  const { t } = useTranslation();
  return {
    statusOptions: SERVER_STATUSES.map((value) => ({
      value,
      label: t(`hosting.statuses.${value}`),
    })),
    periodOptions: PERIODS.map((value) => ({ value, label: t(`hosting.periods.${value}`) })),
  };
}
