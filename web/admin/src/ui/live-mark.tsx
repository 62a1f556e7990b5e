import { useTranslation } from 'react-i18next';

import type { LiveStatus } from '../live/use-live.ts';
import { Status } from './status.tsx';

const TONES = { connecting: 'grey', live: 'green', lost: 'red' } as const;

/** Whether what one looks at changes by itself. */
export function LiveMark({ status }: { status: LiveStatus }) {
  const { t } = useTranslation();
  return (
    <Status tone={TONES[status]} pulse={status === 'live'} label={t(`calls.socket.${status}`)} />
  );
}
