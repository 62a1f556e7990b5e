import * as z from 'zod';

import type { QueueMessage } from '../queue.ts';

/** On the live queue: a call that has changed. */
export const LiveMessage = z.object({ callId: z.uuid() });
export type LiveMessage = z.output<typeof LiveMessage>;

export type ChangedCall = { enterpriseNumber: string; callId: string; version: number };

/** The changes of an enterprise keep their order; a version of a call is told once. */
export function toLiveMessage({ enterpriseNumber, callId, version }: ChangedCall): QueueMessage {
  return {
    body: { callId } satisfies LiveMessage,
    group: enterpriseNumber,
    dedup: `${callId}:${version}`,
  };
}
