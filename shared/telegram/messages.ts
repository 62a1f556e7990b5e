import * as z from 'zod';

import type { QueueMessage } from '../queue.ts';

/** On the telegram queue: a call whose message has to follow it, or a text for the operator. */
export const TelegramMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), callId: z.uuid() }),
  z.object({ kind: z.literal('text'), chatId: z.string(), text: z.string().min(1).max(4096) }),
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

/** `key` tells one alert from another; the same key within five minutes is one message. */
export function toOperatorText(chatId: string, key: string, text: string): QueueMessage {
  return {
    body: { kind: 'text', chatId, text } satisfies TelegramMessage,
    group: chatId,
    dedup: key,
  };
}
