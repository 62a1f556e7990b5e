import { findCall } from '../calls/call-list.sql.ts';
import { toItem } from '../calls/call-list.ts';
import { type Pool, repeatOnDeadConnection } from '../db.ts';
import { findDelivery } from '../integrations/deliveries.sql.ts';
import { toDelivery } from '../integrations/lists.ts';
import { log } from '../lambda/log.ts';
import * as sql from './connections.sql.ts';
import type { ServerFrame } from './live.schema.ts';
import type { LiveMessage } from './messages.ts';
import type { Sockets } from './sockets.ts';

type Dependencies = { db: Pool; sockets: Pick<Sockets, 'send'> };

/** What is live is live: a change that waited longer is dropped, the page reads the list anyway when it comes back. */
const CHANGED_WITHIN = '10 seconds';

/**
 * Shows a call or a delivery, as it is now, to everybody who listens. One socket's trouble is its own: nobody waits for
 * it longer than its time limit, and the message is done whatever came of it.
 */
export function createPush({ db, sockets }: Dependencies) {
  return async function push(message: LiveMessage): Promise<void> {
    const within = { changedWithin: CHANGED_WITHIN };
    if ('callId' in message) {
      const { callId } = message;
      const audience = await repeatOnDeadConnection(() => sql.findAudience(db, callId, within));
      await show(audience, (heard) => callFrame(db, callId, heard));
    } else {
      const id = message.deliveryId;
      const audience = await repeatOnDeadConnection(() => sql.findDeliveryAudience(db, id, within));
      await show(audience, (heard) => deliveryFrame(db, id, heard));
    }
  };

  async function show<Heard extends sql.Audience>(
    audience: Heard | undefined,
    makeFrame: (audience: Heard) => Promise<ServerFrame | undefined>,
  ): Promise<void> {
    if (!audience || audience.connectionIds.length === 0) return;
    const frame = await makeFrame(audience);
    if (!frame) return;
    const outcomes = await Promise.all(
      audience.connectionIds.map(async (id) => ({ id, outcome: await tell(id, frame) })),
    );
    const gone = outcomes.filter(({ outcome }) => outcome === 'gone').map(({ id }) => id);
    if (gone.length > 0) await sql.deleteConnections(db, gone);
  }

  async function tell(id: string, frame: ServerFrame): Promise<'sent' | 'gone' | 'failed'> {
    try {
      return await sockets.send(id, frame);
    } catch (error) {
      log.warn('a socket could not be told', { error: error instanceof Error ? error : undefined });
      return 'failed';
    }
  }
}

async function callFrame(
  db: Pool,
  callId: string,
  { enterpriseNumber, mergedInto }: sql.CallAudience,
): Promise<ServerFrame | undefined> {
  const enterprise = enterpriseNumber;
  if (mergedInto !== null) return { type: 'call_merged', enterprise, id: callId, into: mergedInto };
  const call = await findCall(db, { enterpriseNumber, id: callId });
  return call && { type: 'call', enterprise, call: toItem(call) };
}

async function deliveryFrame(
  db: Pool,
  id: string,
  { enterpriseNumber }: sql.Audience,
): Promise<ServerFrame | undefined> {
  const delivery = await findDelivery(db, { enterpriseNumber, id });
  return (
    delivery && { type: 'delivery', enterprise: enterpriseNumber, delivery: toDelivery(delivery) }
  );
}
