import * as z from 'zod';

import type { QueueMessage } from '../queue.ts';

/** On the chat-ai queue: a visitor's message that the AI is to answer. */
export const ChatAiMessage = z.object({ messageId: z.string() });
export type ChatAiMessage = z.output<typeof ChatAiMessage>;

/** The messages of a session are answered one after the other. */
export function toAiQuestion(sessionId: string, messageId: string): QueueMessage {
  return {
    body: { messageId } satisfies ChatAiMessage,
    group: sessionId,
    dedup: messageId,
  };
}
