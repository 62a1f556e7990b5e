import { AsyncLocalStorage } from 'node:async_hooks';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { createDispatcher } from '../../shared/deliveries/dispatch.ts';
import { toCrmMessage } from '../../shared/deliveries/messages.ts';
import { createReplay } from '../../shared/integrations/replay.ts';
import { takeDueDeliveries } from '../../shared/operations/sweep.sql.ts';
import { type OutboundAnswer, type OutboundRequest, sendOutbound } from '../../shared/outbound.ts';
import { seedRandom } from '../calls/random.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { secrets, useDatabase } from '../support/database.ts';
import { testSigner } from '../support/storage.ts';
import { createBadQueue } from './faults/queue.ts';
import { startReceiver } from './faults/receiver.ts';
import {
  createTenants,
  oweCalls,
  type OwedCall,
  STEPS,
  type Tenant,
  TYPES,
} from './faults/tenants.ts';

const { db } = useDatabase();
const random = seedRandom(20_261_121);
const queue = createBadQueue(random);

const TENANTS = 42;
/** Calls of each tenant; two at a time, or most cards would come too late. */
const CALLS = 20;
const AT_ONCE = 2;
const FAULTS = 0.07;
const KILLS = 0.004;
const MODES = [
  'hang',
  'slow',
  'error500',
  'error429',
  'html',
  'cut',
  'cut_before',
  'applied_then_hang',
];
const REQUEST_MS = 800;

let peers: Peers;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let tenants: Tenant[] = [];
const calls: OwedCall[] = [];
const happened = { faults: 0, kills: 0, sweeps: 0 };
const worker = new AsyncLocalStorage<{ die: () => void }>();

beforeAll(async () => {
  peers = await startPeers({ port: 0 });
  receiver = await startReceiver(random, FAULTS);
  tenants = await createTenants(db, { peers, webhookUrl: receiver.url, count: TENANTS });
});
afterAll(async () => {
  receiver.close();
  await peers.close();
});

/** Now and then the vendor is told to misbehave first, or the worker dies after the request. */
async function send(request: OutboundRequest): Promise<OutboundAnswer> {
  const [, peer, account] = new URL(request.url).pathname.split('/');
  if (peer !== 'calls' && random() < FAULTS) {
    happened.faults += 1;
    const mode = MODES[Math.floor(random() * MODES.length)];
    const rule = { peer, account, mode, times: 1, delay_ms: 100 };
    await fetch(`${peers.url}/control/behave`, { method: 'POST', body: JSON.stringify(rule) });
  }
  const answer = await sendOutbound(request, { allowPrivate: true, totalMs: REQUEST_MS });
  if (random() < KILLS) {
    happened.kills += 1;
    worker.getStore()?.die();
    return new Promise(() => {});
  }
  return answer;
}

const dispatch = createDispatcher({
  signer: testSigner,
  db,
  secrets,
  crm: queue,
  alert: async () => {},
  send,
  publicUrl: 'https://calls.example.com',
});

/** A worker that may die: its work stops in the middle and never ends. */
async function work(message: { deliveryId: string }, receipt: { receives: number }): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    const dispatched = worker.run({ die: resolve }, () => dispatch(message, receipt));
    dispatched.then(resolve, reject);
  });
  try {
    await ended;
  } finally {
    await bringForward(message);
  }
}

async function bringForward({ deliveryId }: { deliveryId: string }): Promise<void> {
  // Nobody waits for hours here: what is put off is due at once.
  await db`update deliveries set next_attempt_at = now() where state = 'retrying' and id = ${deliveryId}::bigint`;
}

const Left = z.object({ left: z.number() });
async function unfinished(): Promise<number> {
  const [row] = await db`
    select count(*)::int as left
    from deliveries
    where state in ('pending', 'sending', 'retrying')`;
  return Left.parse(row).left;
}

/** Brings minutes of waiting and sweeping forward, until all is done. */
async function finishAll(): Promise<void> {
  await queue.drain(work);
  for (let sweep = 0; (await unfinished()) > 0; sweep += 1) {
    if (sweep > 200) throw new Error('there is no end');
    happened.sweeps += 1;
    await db`
      update deliveries
      set queued_at = null, next_attempt_at = least(next_attempt_at, now()), leased_until = now() - interval '1 second'
      where state in ('pending', 'retrying', 'sending')`;
    await db`update integration_states set open_until = now() where open_until is not null`;
    await queue.sendAll((await takeDueDeliveries(db)).map(toCrmMessage));
    await queue.drain(work);
  }
}

describe('10,000 deliveries among faults of every kind', () => {
  beforeAll(async () => {
    for (let wave = 0; wave < CALLS / AT_ONCE; wave += 1) {
      for (let call = 0; call < AT_ONCE; call += 1)
        calls.push(...(await oweCalls(db, peers, tenants)));
      await queue.sendAll((await takeDueDeliveries(db)).map(toCrmMessage));
      await finishAll();
    }
    // What eight attempts did not bring through, somebody sends again.
    const replay = createReplay({ db, crm: queue });
    const by = { who: { kind: 'nobody', login: 'x' }, address: '', requestId: '' } as const;
    for (const { number } of tenants) await replay.byFilter(number, { states: ['failed'] }, by);
    await finishAll();
  }, 600_000);

  test('were really owed, and really went wrong', async () => {
    const [row] =
      await db`select count(*)::int as owed, count(*) filter (where attempts > 1)::int as again from deliveries`;
    expect(row?.['owed']).toBe(TENANTS * CALLS * TYPES.length * STEPS.length);
    expect(row?.['owed']).toBeGreaterThan(10_000);
    expect(row?.['again']).toBeGreaterThan(200);
    expect(happened.faults).toBeGreaterThan(200);
    expect(happened.kills).toBeGreaterThan(10);
    expect(queue.lost.messages).toBeGreaterThan(50);
    expect(queue.lost.doubled).toBeGreaterThan(100);
  });

  test('all come to an end: what is owed after the call is delivered, cards may come too late', async () => {
    const rows = await db`
      select integration_type, step, state, count(*)::int as count
      from deliveries
      where step = 'hangup' and state <> 'delivered'
        or state not in ('delivered', 'skipped', 'expired')
      group by 1, 2, 3`;
    expect([...rows]).toEqual([]);
    expect(await db`select * from integration_states where paused_at is not null`).toEqual([]);
  });

  test('RetailCRM: every call entered once, no card twice, in order', () => {
    for (const { tenant, uniqueId } of calls) {
      const { journal, popups } = peers.retailcrm.account(tenant.account);
      const entered = journal.get(uniqueId);
      const opened = popups.get(JSON.stringify([uniqueId, 'in']));
      const closed = popups.get(JSON.stringify([uniqueId, 'hangup']));
      const order = [opened, closed].map((popup) => popup?.events[0]?.sequence);
      const sequence = [...order, entered?.uploads[0]?.sequence].filter((at) => at !== undefined);
      expect(entered, uniqueId).toMatchObject({ phone: expect.any(String), result: 'answered' });
      expect(closed, uniqueId).toBeDefined();
      expect(opened?.repeats ?? 0).toBe(0);
      expect(sequence).toEqual(sequence.toSorted((a, b) => a - b));
    }
    const entries = tenants.map(({ account }) => peers.retailcrm.account(account).journal.size);
    expect(entries).toEqual(tenants.map(() => CALLS));
  });

  test('Bitrix24: every call entered once, no card left open', () => {
    for (const { account } of tenants) {
      const { journal, cards } = peers.bitrix24.portal(account);
      const own = calls.filter(({ tenant }) => tenant.account === account);
      expect(journal.map(({ externalCallId }) => String(externalCallId)).toSorted()).toEqual(
        own.map(({ uniqueId }) => uniqueId).toSorted(),
      );
      expect(journal.every(({ statusCode }) => statusCode === '200')).toBe(true);
      const finished = new Set(journal.map(({ callId }) => callId));
      const open = [...cards.values()].filter(
        ({ shown, callId }) => shown && !finished.has(callId),
      );
      expect(open).toEqual([]);
    }
  });

  test('amoCRM: every call logged once, or put among the unsorted, after its card', () => {
    for (const { account } of tenants) {
      const amocrm = peers.amocrm.account(account);
      const own = calls.filter(({ tenant }) => tenant.account === account);
      const uniq = (known: boolean) =>
        own.flatMap((call) => (call.known === known ? [call.uniqueId] : [])).toSorted();
      expect(amocrm.calls.map((call) => String(call.uniq)).toSorted()).toEqual(uniq(true));
      expect(amocrm.unsorted.map(({ metadata }) => metadata.uniq).toSorted()).toEqual(uniq(false));
      expect(amocrm.popups.filter(({ repeat }) => repeat)).toEqual([]);
      for (const popup of amocrm.popups) {
        const logged = amocrm.calls.find(({ phone }) => phone === popup.phone);
        expect(logged?.sequence ?? Number.POSITIVE_INFINITY).toBeGreaterThan(popup.sequence);
      }
    }
  });

  test('webhook: one id for each event of a call, the end of every call, in order', () => {
    for (const { uniqueId } of calls) {
      const events = receiver.calls.get(uniqueId);
      expect(events?.has('call.ended'), uniqueId).toBe(true);
      expect([...(events?.values() ?? [])].map((ids) => ids.size)).toEqual(
        Array.from(events ?? [], () => 1),
      );
      const order = ['call.ringing', 'call.answered', 'call.ended'];
      expect([...(events?.keys() ?? [])]).toEqual(order.filter((type) => events?.has(type)));
    }
  });
});
