import * as z from 'zod';

import type { QueueMessage } from '../queue.ts';

/** On the redirect queue: a call that waits on a box which does not ask for its manager. */
export const RedirectMessage = z.object({
  enterpriseNumber: z.string(),
  uniqueId: z.string(),
  phone: z.string(),
  trunk: z.string().nullable(),
  /** When the box said so. */
  startedAt: z.iso.datetime(),
});
export type RedirectMessage = z.output<typeof RedirectMessage>;

/** Calls do not wait for each other; one is asked for once. */
export function toRedirectMessage(message: RedirectMessage): QueueMessage {
  const { enterpriseNumber, uniqueId } = message;
  return {
    body: message,
    group: `${enterpriseNumber}:${uniqueId}`.replaceAll(/[^\w.:-]/g, '_').slice(0, 128),
    dedup: `${enterpriseNumber}:${uniqueId}`.replaceAll(/[^\w.:-]/g, '_').slice(0, 128),
  };
}
