import { findSilentCalls } from '../calls/load-events.sql.ts';
import { CallsMessage, toCallsMessage } from '../calls/messages.ts';
import type { Pool } from '../db.ts';
import { CrmMessage, toCrmMessage } from '../deliveries/messages.ts';
import { markUnqueued } from '../deliveries/owing.sql.ts';
import { report } from '../lambda/report.ts';
import type { Counts } from '../lambda/schedule.ts';
import type { Queue } from '../queue.ts';
import { toCallRefresh } from '../telegram/messages.ts';
import {
  listCallsBehind,
  putBackEvents,
  takeDueDeliveries,
  takeWaitingEvents,
} from './sweep.sql.ts';

type Dependencies = {
  db: Pool;
  calls: Pick<Queue, 'sendAll'>;
  crm: Pick<Queue, 'sendAll'>;
  telegram: Pick<Queue, 'sendAll'>;
  review: (callId: string) => Promise<void>;
  /** What else is to be done every minute. */
  chores?: (() => Promise<Counts>)[];
  clock?: () => Date;
};

/** A call without events for so long is over, whatever the box forgot to say. */
const SILENT_FOR = '4 hours';
const REAP_AT_ONCE = 200;

/**
 * The net under every queue: brings back what was written and never sent, or sent and never done. Everything it
 * brings may be on the queue already; consumers look at the row first, so nothing is done twice.
 */
export function createSweep(dependencies: Dependencies) {
  const { db, calls, crm, telegram, review } = dependencies;
  const { chores = [], clock = () => new Date() } = dependencies;

  return async function sweep(): Promise<Counts> {
    const events = await takeWaitingEvents(db);
    const deliveries = await takeDueDeliveries(db);
    const behind = await listCallsBehind(db);
    // Within five minutes the queue would take the same id for a repeat, and the first message may be lost.
    const round = `sweep-${Math.floor(clock().getTime() / 60_000)}`;
    const refused = await Promise.all([
      calls.sendAll(events.map(toCallsMessage)),
      crm.sendAll(deliveries.map(toCrmMessage)),
      telegram.sendAll(
        behind.map((call) => {
          const message = toCallRefresh(call);
          return { ...message, dedup: `${message.dedup}:${round}` };
        }),
      ),
    ]);
    const [lostEvents, lostDeliveries] = refused;
    await putBackEvents(
      db,
      lostEvents.map(({ body }) => CallsMessage.parse(body).eventId),
    );
    await markUnqueued(
      db,
      lostDeliveries.map(({ body }) => CrmMessage.parse(body).deliveryId),
    );
    const silent = await findSilentCalls(db, SILENT_FOR, REAP_AT_ONCE);
    for (const callId of silent) {
      // One call that cannot be folded must not keep the others waiting.
      await review(callId).catch((error: unknown) =>
        report('call cannot be reviewed', error, { callId }),
      );
    }
    const counts: Counts = {
      events: events.length,
      deliveries: deliveries.length,
      callsBehind: behind.length,
      callsReaped: silent.length,
      refused: refused.flat().length,
    };
    for (const chore of chores) {
      Object.assign(
        counts,
        await chore().catch((error: unknown) => report('chore of the sweeper failed', error)),
      );
    }
    return counts;
  };
}
