import { workingIntegrations } from '../crm/config.ts';
import type { Pool } from '../db.ts';
import { CrmMessage, type QueuedDelivery, toCrmMessage } from '../deliveries/messages.ts';
import { markUnqueued, saveSteps } from '../deliveries/owing.sql.ts';
import type { Queue } from '../queue.ts';
import { recordingOwed } from './recording-owed.ts';
import { listTies, openTiedCall, tie } from './tie.sql.ts';

const AT_ONCE = 500;

type Dependencies = { db: Pool; crm: Pick<Queue, 'sendAll'>; clock?: () => Date };

/**
 * Ties stored recordings to the calls of their channels, and writes in the same transaction what that owes. What finds
 * no call, or one that lives, stays for the next run. Returns how many were tied.
 */
export function createTying({ db, crm, clock = () => new Date() }: Dependencies) {
  return async function tieRecordings(enterpriseNumber: string): Promise<number> {
    const ties = await listTies(db, enterpriseNumber, AT_ONCE);
    const byCall = Map.groupBy(ties, ({ callId }) => callId);
    let tied = 0;
    const due: QueuedDelivery[] = [];
    for (const [callId, group] of byCall) {
      const ids = group.map(({ recordingId }) => recordingId);
      const done = await db.begin((tx) => tieToCall(callId, ids, tx));
      tied += done.count;
      due.push(...done.due);
    }
    const refused = await crm.sendAll(due.map(toCrmMessage));
    await markUnqueued(
      db,
      refused.map(({ body }) => CrmMessage.parse(body).deliveryId),
    );
    return tied;

    async function tieToCall(callId: string, ids: string[], tx: Parameters<typeof tie>[0]) {
      const call = await openTiedCall(tx, callId);
      const count = call ? await tie(tx, callId, ids) : 0;
      if (!call || count === 0) return { count, due: [] };
      const integrations = workingIntegrations(call.integrationsConfig);
      const now = clock();
      const owed = recordingOwed(call, call.steps, integrations, now);
      const owner = { enterpriseNumber, callId, now };
      return { count, due: await saveSteps(tx, owner, { owed, superseded: [], moved: [] }) };
    }
  };
}
