import { useTranslation } from 'react-i18next';

import type { RecordingItem } from '../../../../../shared/recordings/recordings.schema.ts';
import { useFormat } from '../../format/use-format.ts';
import { Status } from '../../ui/status.tsx';

type Kept = Pick<RecordingItem, 'hold' | 'revoked' | 'expires_at'>;

/** How long a recording stays, and whether its link still opens it. */
export function Kept({ recording: { hold, revoked, expires_at: until } }: { recording: Kept }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (revoked) return <Status tone="red" label={t('recordings.revoked')} />;
  if (hold) return <Status tone="amber" label={t('recordings.held')} />;
  if (until === null) return <Status tone="green" label={t('recordings.forEver')} />;
  return <Status tone="green" label={t('recordings.until', { date: format.digits(until) })} />;
}
