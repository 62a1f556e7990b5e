import * as z from 'zod';

import type { QueueMessage } from '../queue.ts';
import type { TelegramMessage } from '../telegram/messages.ts';

/** On the telegram-updates queue: an update of the managers' bot that has been stored. */
export const UpdateMessage = z.object({ updateId: z.int() });
export type UpdateMessage = z.output<typeof UpdateMessage>;

/** One person's updates go one after the other. */
export function toUpdateMessage(updateId: number, chat: string, round = ''): QueueMessage {
  return {
    body: { updateId } satisfies UpdateMessage,
    group: chat,
    dedup: `${updateId}${round}`,
  };
}

/** What one manager is to see goes in order. `round` tells a repeat on purpose from a repeat. */
export function toCard(chatId: string, managerId: string, round: string): QueueMessage {
  return {
    body: { kind: 'chat_card', chatId, managerId } satisfies TelegramMessage,
    group: managerId,
    dedup: `card:${chatId}:${managerId}:${round}`,
  };
}

export function toNotice(noticeId: string, telegramId: string, round = ''): QueueMessage {
  return {
    body: { kind: 'chat_notice', noticeId } satisfies TelegramMessage,
    group: telegramId,
    dedup: `notice:${noticeId}:${round}`,
  };
}

export function toMark(messageId: string, managerId: string, round: string): QueueMessage {
  return {
    body: { kind: 'chat_mark', messageId } satisfies TelegramMessage,
    group: managerId,
    dedup: `mark:${messageId}:${round}`,
  };
}

/** An edit, or a copy that is still owed, is shown by the same work as the message itself. */
export function toCopyAgain(messageId: string, managerId: string, round: string): QueueMessage {
  return {
    body: { kind: 'chat', messageId, managerId } satisfies TelegramMessage,
    group: managerId,
    dedup: `chat:${messageId}:${managerId}:${round}`,
  };
}

export function toOfferAgain(chatId: string, round: string): QueueMessage {
  return {
    body: { kind: 'chat_offer', chatId } satisfies TelegramMessage,
    group: chatId,
    dedup: `offer:${chatId}:${round}`,
  };
}
