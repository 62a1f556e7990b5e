import { findCall } from '../calls/call-list.sql.ts';
import { toItem } from '../calls/call-list.ts';
import { type Pool, repeatOnDeadConnection } from '../db.ts';
import { log } from '../lambda/log.ts';
import { type Audience, deleteConnections, findAudience } from './connections.sql.ts';
import type { ServerFrame } from './live.schema.ts';
import type { LiveMessage } from './messages.ts';
import type { Sockets } from './sockets.ts';

type Dependencies = { db: Pool; sockets: Pick<Sockets, 'send'> };

/** What is live is live: a change that waited longer is dropped, the page reads the list anyway when it comes back. */
const CHANGED_WITHIN = '10 seconds';

/**
 * Shows a call, as it is now, to everybody who listens. One socket's trouble is its own: nobody waits for it longer
 * than its time limit, and the message is done whatever came of it.
 */
export function createPush({ db, sockets }: Dependencies) {
  return async function push({ callId }: LiveMessage): Promise<void> {
    const audience = await repeatOnDeadConnection(() =>
      findAudience(db, callId, { changedWithin: CHANGED_WITHIN }),
    );
    if (!audience || audience.connectionIds.length === 0) return;
    const frame = await frameOf(db, callId, audience);
    if (!frame) return;
    const outcomes = await Promise.all(
      audience.connectionIds.map(async (id) => ({ id, outcome: await tell(id, frame) })),
    );
    const gone = outcomes.filter(({ outcome }) => outcome === 'gone').map(({ id }) => id);
    if (gone.length > 0) await deleteConnections(db, gone);
  };

  async function tell(id: string, frame: ServerFrame): Promise<'sent' | 'gone' | 'failed'> {
    try {
      return await sockets.send(id, frame);
    } catch (error) {
      log.warn('a socket could not be told', { error: error instanceof Error ? error : undefined });
      return 'failed';
    }
  }
}

async function frameOf(
  db: Pool,
  callId: string,
  { enterpriseNumber, mergedInto }: Audience,
): Promise<ServerFrame | undefined> {
  const enterprise = enterpriseNumber;
  if (mergedInto !== null) return { type: 'call_merged', enterprise, id: callId, into: mergedInto };
  const call = await findCall(db, { enterpriseNumber, id: callId });
  return call && { type: 'call', enterprise, call: toItem(call) };
}
