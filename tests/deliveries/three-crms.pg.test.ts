import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createDispatcher } from '../../shared/deliveries/dispatch.ts';
import { sendOutbound } from '../../shared/outbound.ts';
import { seedRandom } from '../calls/random.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { secrets, useDatabase } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';
import { testSigner } from '../support/storage.ts';
import { startReceiver } from './faults/receiver.ts';
import { createTenants, oweCalls, type Tenant } from './faults/tenants.ts';

const { db } = useDatabase();
let peers: Peers;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let tenants: Tenant[] = [];

beforeAll(async () => {
  peers = await startPeers({ port: 0 });
  receiver = await startReceiver(seedRandom(1), 0);
  tenants = await createTenants(db, { peers, webhookUrl: receiver.url, count: 1 });
});
afterAll(async () => {
  receiver.close();
  await peers.close();
});

const dispatch = createDispatcher({
  signer: testSigner,
  db,
  secrets,
  crm: createFakeQueue(),
  alert: async () => {},
  send: (request) => sendOutbound(request, { allowPrivate: true, totalMs: 2_000 }),
  publicUrl: 'https://calls.example.com',
});
const misbehave = (peer: string, mode: string) =>
  fetch(`${peers.url}/control/behave`, { method: 'POST', body: JSON.stringify({ peer, mode }) });

/** Works in every step of a call at once, integration by integration; resolves with the order in which they ended. */
async function deliverAll(): Promise<string[]> {
  const ended: string[] = [];
  const rows = await db`
    select integration_type as type, array_agg(id order by id) as ids
    from deliveries where state = 'pending' group by 1`;
  await Promise.all(
    rows.map(async ({ type, ids }) => {
      for (const id of ids as string[]) {
        await db`delete from rate_buckets`; // our own limits are tested elsewhere
        await dispatch({ deliveryId: String(id) }).catch(() => {});
      }
      ended.push(String(type));
    }),
  );
  return ended;
}

describe('several CRMs at once', () => {
  test('one that hangs does not keep the others waiting', async () => {
    await oweCalls(db, peers, tenants);
    await misbehave('retailcrm', 'hang');
    expect((await deliverAll()).at(-1)).toBe('retailcrm');
    await misbehave('retailcrm', 'ok');
    const rows = await db`
      select distinct integration_type from deliveries where step = 'hangup' and state = 'delivered'`;
    expect(rows.map(({ integrationType }) => String(integrationType)).toSorted()).toEqual([
      'amocrm',
      'bitrix24',
      'webhook',
    ]);
  });

  test.each(['ok', 'error500', 'html', 'cut'])(
    'no secret is in the log of attempts: %s',
    async (mode) => {
      await db`update deliveries set state = 'expired'`;
      await oweCalls(db, peers, tenants);
      for (const peer of ['retailcrm', 'bitrix24', 'amocrm']) await misbehave(peer, mode);
      await deliverAll();
      for (const peer of ['retailcrm', 'bitrix24', 'amocrm']) await misbehave(peer, 'ok');
      const text = JSON.stringify([
        await db`select * from integration_logs`,
        await db`select * from deliveries`,
        await db`select * from integration_states`,
      ]);
      expect(text).toContain('/rest/1/');
      for (const planted of ['key-1000', 'webhook-1000', 'token-1000', 'client-1000', 'whsec_'])
        expect(text).not.toContain(planted);
    },
  );
});
