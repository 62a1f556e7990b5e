import { useTranslation } from 'react-i18next';

import type { ManagerItem, SupportChat } from '../../../../../shared/managers/api.schema.ts';
import { formatDuration, formatPhone } from '../../format/format.ts';
import type { Tone } from '../../ui/status.tsx';

export const CHAT_TONES: Record<SupportChat['state'], Tone> = {
  waiting: 'amber',
  active: 'green',
  closed: 'grey',
};

export const MANAGER_TONES: Record<ManagerItem['status'], Tone> = {
  online: 'green',
  paused: 'amber',
  offline: 'grey',
};

/** What the timeline knows to say; anything else is shown as it is called. */
const HAPPENINGS = [
  'created',
  'offline_request',
  'manager_notified',
  'accepted',
  'invited',
  'passed',
  'left',
  'put_back',
  'idle_warned',
  'visitor_message_forwarded',
  'manager_message_delivered',
  'rated',
  'closed',
] as const;

export function useChatWords() {
  const { t } = useTranslation();
  return {
    visitor({ visitor: { name, phone } }: Pick<SupportChat, 'visitor'>): string {
      return name ?? (phone ? formatPhone(phone.replaceAll(/\D/g, '')) : t('chats.visitor'));
    },
    happening(kind: string): string {
      const found = HAPPENINGS.find((name) => `chat.${name}` === kind);
      return found ? t(`chats.happenings.${found}`) : kind;
    },
    seconds: (value: number | null): string => (value === null ? '—' : formatDuration(value)),
    stars: (rating: number | null): string => (rating === null ? '—' : `${rating} ★`),
  };
}
