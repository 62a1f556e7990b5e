import * as z from 'zod';

import type { QueueMessage } from '../queue.ts';

/** On the calls queue: an event to be worked into its call. */
export const CallsMessage = z.object({ eventId: z.uuid() });

export function toCallsMessage(event: { enterpriseNumber: string; eventId: string }): QueueMessage {
  return {
    body: { eventId: event.eventId } satisfies z.input<typeof CallsMessage>,
    group: event.enterpriseNumber,
    dedup: event.eventId,
  };
}
