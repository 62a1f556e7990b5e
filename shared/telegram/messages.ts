import * as z from 'zod';

import type { QueueMessage } from '../queue.ts';

/**
 * On the telegram queue: a call whose message has to follow it, a text for the operator; of the web chat a message that
 * a manager has to see, a chat to be offered, and a chat that has ended.
 */
export const TelegramMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), callId: z.uuid() }),
  z.object({ kind: z.literal('text'), chatId: z.string(), text: z.string().min(1).max(4096) }),
  z.object({ kind: z.literal('chat'), messageId: z.string(), managerId: z.string() }),
  z.object({ kind: z.literal('chat_offer'), chatId: z.uuid() }),
  z.object({ kind: z.literal('chat_closed'), chatId: z.uuid() }),
]);
export type TelegramMessage = z.output<typeof TelegramMessage>;

export type ShownCall = { callId: string; version: number; chatId: string };

/** One chat's messages keep their order; a version of a call is told once. */
export function toCallRefresh({ callId, version, chatId }: ShownCall): QueueMessage {
  return {
    body: { kind: 'call', callId } satisfies TelegramMessage,
    group: chatId,
    dedup: `${callId}:${version}`,
  };
}

/** A manager's private chat keeps its order, and has the number of the manager. */
export function toChatCopy(messageId: string, managerId: string): QueueMessage {
  return {
    body: { kind: 'chat', messageId, managerId } satisfies TelegramMessage,
    group: managerId,
    dedup: `chat:${messageId}:${managerId}`,
  };
}

/** The offers of a chat and what becomes of them go one after the other. */
export function toChatOffer(chatId: string): QueueMessage {
  return {
    body: { kind: 'chat_offer', chatId } satisfies TelegramMessage,
    group: chatId,
    dedup: `offer:${chatId}`,
  };
}

export function toChatClosed(chatId: string): QueueMessage {
  return {
    body: { kind: 'chat_closed', chatId } satisfies TelegramMessage,
    group: chatId,
    dedup: `closed:${chatId}`,
  };
}

/** `key` tells one alert from another; the same key within five minutes is one message. */
export function toOperatorText(chatId: string, key: string, text: string): QueueMessage {
  return {
    body: { kind: 'text', chatId, text } satisfies TelegramMessage,
    group: chatId,
    dedup: key,
  };
}
