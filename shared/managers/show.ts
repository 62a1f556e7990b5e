import type { TelegramMessage } from '../telegram/messages.ts';
import type { createManagers } from './managers.ts';

type ForManagers = Exclude<TelegramMessage, { kind: 'call' | 'text' }>;

/** What the telegram queue has for managers. */
export function createShow({
  offer,
  tellClosed,
  delivery,
}: Pick<ReturnType<typeof createManagers>, 'offer' | 'tellClosed' | 'delivery'>) {
  return async function show(message: ForManagers): Promise<void> {
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
