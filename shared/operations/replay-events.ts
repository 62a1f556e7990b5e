import { toCallsMessage } from '../calls/messages.ts';
import type { Pool } from '../db.ts';
import type { Queue } from '../queue.ts';
import { type EventChoice, reopenEvents } from './replay-events.sql.ts';

type Dependencies = { db: Pool; calls: Pick<Queue, 'sendAll'> };

const AT_ONCE = 500;
const FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * Puts stored events on the calls queue again, oldest first. Working an event in twice changes nothing, and what is
 * owed to CRMs is owed once, so this can stop and begin again anywhere; what the queue does not take the sweeper brings.
 */
export async function replayEvents(
  { db, calls }: Dependencies,
  choice: EventChoice,
  onProgress: (counts: { reopened: number; refused: number }) => void = () => {},
): Promise<{ reopened: number; refused: number }> {
  const counts = { reopened: 0, refused: 0 };
  let last = FIRST;
  for (;;) {
    const events = await reopenEvents(db, choice, last, AT_ONCE);
    const refused = await calls.sendAll(events.map(toCallsMessage));
    counts.reopened += events.length;
    counts.refused += refused.length;
    if (events.length > 0) onProgress({ ...counts });
    const end = events.at(-1)?.eventId;
    if (end === undefined || events.length < AT_ONCE) return counts;
    last = end;
  }
}
