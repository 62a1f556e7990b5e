import { log } from '../lambda/log.ts';
import type { TelegramMessage } from '../telegram/messages.ts';
import type { createManagers } from './managers.ts';

type ForManagers = Exclude<TelegramMessage, { kind: 'call' | 'text' }>;

type Managers = Pick<ReturnType<typeof createManagers>, 'offer' | 'tellClosed' | 'delivery'>;

/** What the telegram queue has for managers; undefined: they have no bot. */
export function createShow(managers: Managers | undefined) {
  return async function show(message: ForManagers): Promise<void> {
    if (!managers) return log.warn('managers cannot be told: TELEGRAM_BOT_TOKEN is not set');
    const { offer, tellClosed, delivery } = managers;
    switch (message.kind) {
      case 'chat':
        return delivery.copy(message.messageId, message.managerId);
      case 'chat_offer':
        return offer(message.chatId);
      case 'chat_closed':
        return tellClosed(message.chatId);
      case 'chat_card':
        return delivery.card(message.chatId, message.managerId);
      case 'chat_notice':
        return delivery.notice(message.noticeId);
      case 'chat_mark':
        return delivery.mark(message.messageId);
    }
  };
}
