import { useTranslation } from 'react-i18next';

import { LIVE_STATUSES } from '../../../../../shared/calls/call.ts';
import { formatPhone } from '../../format/format.ts';
import type { Tone } from '../../ui/status.tsx';
import { useExtensionName } from '../../words/names.ts';
import type { Call } from './api.ts';

export const TONES: Record<Call['status'], Tone> = {
  greeting: 'blue',
  ringing: 'blue',
  talking: 'green',
  transferring: 'blue',
  answered: 'green',
  missed: 'red',
  abandoned: 'amber',
  no_answer: 'amber',
  busy: 'amber',
  failed: 'red',
  lost_in_transfer: 'red',
  internal_answered: 'green',
  internal_missed: 'grey',
};

export const isLive = ({ status }: Pick<Call, 'status'>): boolean =>
  LIVE_STATUSES.some((live) => live === status);

/** Who the call is with: the client, or of an internal call who called. */
export function useOutsideParty(): (call: Pick<Call, 'phone' | 'caller' | 'direction'>) => string {
  const { t } = useTranslation();
  const nameOf = useExtensionName();
  return ({ phone, caller, direction }) => {
    if (direction === 'internal') return caller ? nameOf(caller) : t('calls.internal');
    return phone ? formatPhone(phone) : t('calls.hidden');
  };
}

/** Who had the call on our side: who talks or talked last, else who rings or rang. */
export function useOurSide(): (call: Call) => string {
  const nameOf = useExtensionName();
  return ({ last_talked_by: talked, ringing, rang }) => {
    if (talked) return nameOf(talked);
    return (ringing.length > 0 ? ringing : rang).map(nameOf).join(', ');
  };
}
