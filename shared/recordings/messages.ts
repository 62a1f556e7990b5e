import * as z from 'zod';

import type { QueueMessage } from '../queue.ts';

/** On the recordings queue: look at an enterprise's box; with a unique id, for that recording only. */
export const RecordingsMessage = z.object({
  enterpriseNumber: z.string(),
  uniqueId: z.string().optional(),
});
export type RecordingsMessage = z.output<typeof RecordingsMessage>;

/** The look that the schedule asks for; `run` names the schedule's turn. */
export function toSyncMessage(enterpriseNumber: string, run: string): QueueMessage {
  const body = { enterpriseNumber } satisfies RecordingsMessage;
  return { body, group: enterpriseNumber, dedup: `${enterpriseNumber}:${run}` };
}

/** A call has just ended: its file closes a moment later, and need not wait for the schedule. */
export function toEarlyFetch(call: { enterpriseNumber: string; uniqueId: string }): QueueMessage {
  return {
    body: call satisfies RecordingsMessage,
    group: call.enterpriseNumber,
    dedup: `${call.enterpriseNumber}:${call.uniqueId}`,
  };
}
