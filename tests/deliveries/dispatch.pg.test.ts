import { v7 as newUuid } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { createConfigCopies } from '../../shared/crm/config-copies.ts';
import { retailcrm } from '../../shared/crm/retailcrm/crm.ts';
import { createDispatcher } from '../../shared/deliveries/dispatch.ts';
import { createReconnect } from '../../shared/deliveries/reconnect.ts';
import { ComeBackLater } from '../../shared/errors.ts';
import { sendOutbound } from '../../shared/outbound.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { createTestTools } from '../support/crm-tools.ts';
import { insertEnterprise, NUMBER, secrets, useDatabase } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';
import { testSigner } from '../support/storage.ts';

const { db } = useDatabase();
let peers: Peers;
let crm = createFakeQueue();
let alerts: string[] = [];
let dispatch = createDispatch();

beforeAll(async () => {
  peers = await startPeers({ port: 0 });
});
afterAll(() => peers.close());

beforeEach(async () => {
  crm = createFakeQueue();
  alerts = [];
  dispatch = createDispatch();
  await insertEnterprise(db, { crmUrl: `${peers.url}/retailcrm/demo` });
  await register();
});
afterEach(async () => {
  await db`truncate enterprises, rate_buckets cascade`;
  await control('reset', {});
});

function createDispatch(totalMs = 10_000) {
  return createDispatcher({
    signer: testSigner,
    db,
    secrets,
    crm,
    alert: async (_key, text) => void alerts.push(text),
    send: (request) => sendOutbound(request, { allowPrivate: true, totalMs }),
    publicUrl: 'https://calls.example.com',
  });
}

const reconnect = () =>
  createReconnect({
    db,
    secrets,
    configs: createConfigCopies(secrets),
    crm,
    send: (request) => sendOutbound(request, { allowPrivate: true }),
    publicUrl: 'https://calls.example.com',
  })(NUMBER, 'retailcrm');

async function control(path: string, body?: object): Promise<unknown> {
  const init = body ? { method: 'POST', body: JSON.stringify(body) } : {};
  return (await fetch(`${peers.url}/control/${path}`, init)).json();
}

async function register(): Promise<void> {
  const config = {
    api_url: `${peers.url}/retailcrm/demo`,
    api_key: 'demo-key-0367',
    client_id: 'client-0367',
  };
  const users = new Map([
    ['150', '16'],
    ['151', '17'],
    ['152', '18'],
  ]);
  await retailcrm.register?.({ ...createTestTools({ users }), config });
}

const Effects = z.object({
  popups: z.array(z.looseObject({ type: z.string() })),
  journal: z.array(z.looseObject({ externalId: z.string(), uploads: z.array(z.unknown()) })),
});
const effects = async () => Effects.parse(await control('retailcrm/demo'));
const misbehave = (mode: string, rest: object = {}) =>
  control('behave', { peer: 'retailcrm', account: 'demo', mode, ...rest });

/** A call that was answered by 151, with these steps owed and due. Returns the deliveries' ids by step. */
async function owe(
  steps: string[],
  { phone = '375291110001' as string | null, status = 'answered' } = {},
) {
  const callId = newUuid();
  const ended = !['ringing', 'talking'].includes(status);
  await db`
    insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, line, rang, last_talked_by,
      started_at, ended_at, wait_seconds, talk_seconds, last_event_at)
    values (${callId}, ${NUMBER}, ${`u-${callId}`}, 'in', ${status}, ${phone}, '0001363', '{150,151}', '151',
      now() - interval '40 seconds', ${ended ? new Date() : null}, 10, ${ended ? 30 : null}, now())`;
  const ids: Record<string, string> = {};
  for (const step of steps) {
    const [row] = await db`
      insert into deliveries (enterprise_number, integration_type, call_id, step, extensions, queued_at, sends)
      values (${NUMBER}, 'retailcrm', ${callId}, ${step}, '{150,151}', now(), 1)
      returning id`;
    ids[step] = String(row?.['id']);
  }
  return {
    ids,
    uniqueId: `u-${callId}`,
    run: (step: string) => dispatch({ deliveryId: ids[step] ?? '' }),
  };
}

const states = async () => {
  const rows = await db`select step, state from deliveries order by id`;
  return Object.fromEntries(rows.map(({ step, state }) => [step, state]));
};
const logs = () => db`
  select event_type, status, error_message, attempt, http_status, request_data, response_data, response_time_ms
  from integration_logs order by id`;

describe('RetailCRM takes the steps of a call', () => {
  test('the card, nothing for the talk, the end and the journal entry, each with its log row', async () => {
    const { run, uniqueId } = await owe(['dial', 'bridge', 'hangup']);
    await run('dial');
    await run('bridge');
    await run('hangup');

    expect(await states()).toEqual({ dial: 'delivered', bridge: 'skipped', hangup: 'delivered' });
    const { popups, journal } = await effects();
    expect(popups.map(({ type }) => type).toSorted()).toEqual(['hangup', 'in']);
    expect(journal).toMatchObject([
      {
        externalId: uniqueId,
        type: 'in',
        phone: '375291110001',
        code: '151',
        result: 'answered',
        duration: 30,
        durationWaiting: 10,
      },
    ]);
    expect(await logs()).toMatchObject([
      { eventType: 'dial', status: 'success', attempt: 1, httpStatus: 200 },
      { eventType: 'bridge', status: 'success' },
      { eventType: 'hangup', status: 'success', attempt: 1 },
    ]);
  });

  test('the log holds what was said and heard, and no secret', async () => {
    const { run } = await owe(['dial']);
    await run('dial');
    const [row] = await logs();
    expect(row?.['requestData']).toMatchObject({
      body: { event: { phone: '+375291110001', type: 'in' } },
    });
    expect(row?.['responseData']).toMatchObject({ status: 200, body: { success: true } });
    expect(JSON.stringify(row)).not.toContain('demo-key-0367');
  });

  test('a hidden number is skipped with the reason', async () => {
    const { run } = await owe(['hangup'], { phone: null });
    await run('hangup');
    expect(await states()).toEqual({ hangup: 'skipped' });
    expect(await logs()).toMatchObject([
      { errorMessage: expect.stringContaining('Номер не определён') },
    ]);
  });
});

describe('order', () => {
  test('a later step waits for the earlier one, and is put on the queue when that is done', async () => {
    const { run, ids } = await owe(['dial', 'hangup']);
    await run('hangup');
    expect(await states()).toEqual({ dial: 'pending', hangup: 'pending' });
    await run('dial');
    expect(crm.bodies()).toEqual([{ deliveryId: ids['hangup'] }]);
    await run('hangup');
    expect(await states()).toEqual({ dial: 'delivered', hangup: 'delivered' });
  });

  test('the same message ten times at once is one request', async () => {
    const { run } = await owe(['dial']);
    await Promise.allSettled(Array.from({ length: 10 }, () => run('dial')));
    expect((await effects()).popups).toMatchObject([{ repeats: 0 }]);
    expect(await logs()).toHaveLength(1);
  });

  test('another call does not wait for one that is stuck', async () => {
    const stuck = await owe(['hangup']);
    await misbehave('error500', { times: 1 });
    await expect(stuck.run('hangup')).rejects.toBeInstanceOf(ComeBackLater);
    const other = await owe(['dial']);
    await other.run('dial');
    expect((await effects()).popups).toHaveLength(1);
  });
});

describe('what an error means', () => {
  test.each([
    ['error500', 'retry'],
    ['error429', 'retry'],
    ['html', 'retry'],
    ['cut', 'retry'],
    ['cut_before', 'retry'],
  ])('%s: tried again after a pause, and then delivered once', async (mode) => {
    const { run, uniqueId } = await owe(['hangup']);
    await misbehave(mode, { times: 1 });
    const error = await run('hangup').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ComeBackLater);
    expect(await states()).toEqual({ hangup: 'retrying' });
    const [waiting] =
      await db`select attempts, next_attempt_at > now() + interval '2 seconds' as later from deliveries`;
    expect(waiting).toEqual({ attempts: 1, later: true });

    await db`update deliveries set next_attempt_at = now()`;
    await run('hangup');
    expect(await states()).toEqual({ hangup: 'delivered' });
    expect((await effects()).journal).toMatchObject([{ externalId: uniqueId }]);
    expect(await logs()).toMatchObject([
      { status: 'error', attempt: 1 },
      { status: 'success', attempt: 2 },
    ]);
  });

  test('a hanging CRM: time-out, marked as perhaps applied', async () => {
    dispatch = createDispatch(300);
    const { run } = await owe(['hangup']);
    await misbehave('applied_then_hang', { times: 1 });
    await expect(run('hangup')).rejects.toBeInstanceOf(ComeBackLater);
    expect(await db`select maybe_applied from deliveries`).toEqual([{ maybeApplied: true }]);
  });

  test('a card that was perhaps shown is not shown again, and holds nothing up', async () => {
    dispatch = createDispatch(300);
    const { run } = await owe(['dial'], { status: 'ringing' });
    await misbehave('applied_then_hang', { times: 1 });
    await run('dial');
    expect(await states()).toEqual({ dial: 'expired' });
    expect((await effects()).popups).toMatchObject([{ repeats: 0 }]);
  });

  test('a refused card is tried again only while it may still come in time', async () => {
    const { run, ids } = await owe(['dial', 'hangup']);
    await misbehave('error500', { times: 1 });
    await db`update deliveries set due_at = now() - interval '12 seconds' where step = 'dial'`;
    await run('dial');
    expect(await states()).toEqual({ dial: 'expired', hangup: 'pending' });
    await db`update deliveries set queued_at = null`;
    await run('hangup');
    expect((await effects()).journal).toHaveLength(1);
    expect(ids['hangup']).toBeDefined();
  });

  test('three time-outs in a row open the circuit: the rest waits unsent, and goes when a probe is answered', async () => {
    dispatch = createDispatch(200);
    await misbehave('hang');
    for (const _ of [1, 2, 3]) {
      const { run } = await owe(['hangup']);
      await expect(run('hangup')).rejects.toBeInstanceOf(ComeBackLater);
    }
    const waiting = await owe(['hangup']);
    await waiting.run('hangup');
    expect(
      await db`select attempts, state from deliveries where id = ${waiting.ids['hangup'] ?? ''}`,
    ).toEqual([{ attempts: 0, state: 'retrying' }]);

    await misbehave('ok');
    await db`update integration_states set open_until = now() - interval '1 second'`;
    const probe = await owe(['hangup']);
    await probe.run('hangup');
    expect(crm.bodies()).toContainEqual({ deliveryId: waiting.ids['hangup'] });
    await waiting.run('hangup');
    expect((await effects()).journal).toHaveLength(2);
  });

  test('a wrong key pauses the integration: all it owes is parked, the operator hears once, and it resumes in order', async () => {
    await control('retailcrm/demo', { key: 'another-key' });
    expect((await reconnect()).report).toMatchObject({ ok: false, problem: 'Ключ API неверный' });
    const first = await owe(['dial', 'hangup'], { status: 'answered' });
    const second = await owe(['hangup']);
    await first.run('dial');
    await second.run('hangup');
    const later = await owe(['hangup']);
    await later.run('hangup');

    expect((await db`select distinct state from deliveries`).map(({ state }) => state)).toEqual([
      'parked',
    ]);
    expect(alerts).toHaveLength(1);
    expect(alerts[0]).toContain('Ключ API неверный');
    expect(await db`select pause_reason from integration_states`).toEqual([
      { pauseReason: 'Ключ API неверный' },
    ]);

    await control('retailcrm/demo', { key: 'demo-key-0367' });
    crm = createFakeQueue();
    expect(await reconnect()).toEqual({ report: { ok: true }, resumed: 3 });
    const heads = crm.messages.map(({ body }) => (body as { deliveryId: string }).deliveryId);
    expect(heads).toEqual([first.ids['dial'], second.ids['hangup'], later.ids['hangup']]);
    await db`update deliveries set due_at = now()`;
    for (const deliveryId of heads) await dispatch({ deliveryId });
    await first.run('hangup');
    expect((await db`select distinct state from deliveries`).map(({ state }) => state)).toEqual([
      'delivered',
    ]);
    expect((await effects()).journal).toHaveLength(3);
  });

  test('what the CRM refuses as invalid has failed, with the field named', async () => {
    const { run } = await owe(['hangup'], { phone: '375291110001' });
    await db`update enterprises set timezone = 'Europe/Minsk'`;
    await db`update calls set main_unique_id = ''`;
    await db`update calls set talk_seconds = -5`;
    await run('hangup');
    expect(await states()).toEqual({ hangup: 'failed' });
    expect(await logs()).toMatchObject([
      { status: 'error', errorMessage: expect.stringContaining('duration') },
    ]);
  });

  test('the seventh wait is the last: then it has failed', async () => {
    const { run } = await owe(['hangup']);
    await misbehave('error500');
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      await run('hangup').catch(() => {});
      const [row] =
        await db`select extract(epoch from next_attempt_at - now())::int as wait, state from deliveries`;
      if (row?.['state'] === 'retrying') waits.push(Number(row['wait']));
      await db`update deliveries set next_attempt_at = now()`;
    }
    expect(await states()).toEqual({ hangup: 'failed' });
    expect(waits).toHaveLength(7);
    for (const [index, planned] of [5, 30, 120, 600, 3600, 14_400, 39_600].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(planned * 0.79 - 1);
      expect(waits[index]).toBeLessThanOrEqual(planned * 1.21);
    }
  });
});

describe('time and limits', () => {
  test('a card later than 15 seconds is worse than none', async () => {
    const { run } = await owe(['dial']);
    await db`update deliveries set due_at = now() - interval '16 seconds'`;
    await run('dial');
    expect(await states()).toEqual({ dial: 'expired' });
    expect((await effects()).popups).toHaveLength(0);
  });

  test('a worker that died while sending: the next one takes over when the lease has ended', async () => {
    const { run } = await owe(['hangup']);
    await db`update deliveries set state = 'sending', attempts = 1, leased_until = now() + interval '20 seconds'`;
    await expect(run('hangup')).rejects.toBeInstanceOf(ComeBackLater);
    await db`update deliveries set leased_until = now() - interval '1 second'`;
    await run('hangup');
    expect(await db`select state, attempts, maybe_applied from deliveries`).toEqual([
      { state: 'delivered', attempts: 2, maybeApplied: true },
    ]);
  });

  test('four requests of one integration are under way; each that ends brings one that waits', async () => {
    await misbehave('slow', { delay_ms: 300 });
    const owed = await Promise.all(Array.from({ length: 8 }, () => owe(['hangup'])));
    await Promise.all(owed.map(({ run }) => run('hangup')));
    expect((await effects()).journal).toHaveLength(4);

    await misbehave('ok');
    const brought = crm.messages.map(({ body }) => (body as { deliveryId: string }).deliveryId);
    expect(new Set(brought).size).toBe(4);
    for (const deliveryId of brought) await dispatch({ deliveryId });
    expect((await effects()).journal).toHaveLength(8);
  });

  test('who waited for a limit too often leaves the queue before it is given up there', async () => {
    const { run, ids } = await owe(['hangup']);
    await db`update deliveries set next_attempt_at = now() + interval '9 seconds'`;
    await expect(run('hangup')).rejects.toBeInstanceOf(ComeBackLater);
    await dispatch({ deliveryId: ids['hangup'] ?? '' }, { receives: 30 });
    expect(await db`select state, queued_at from deliveries`).toEqual([
      { state: 'pending', queuedAt: null },
    ]);
  });

  test('changed settings count from the next delivery on', async () => {
    const before = await owe(['hangup']);
    await before.run('hangup');
    const config = { retailcrm: { enabled: false } };
    await db`update enterprises set integrations_config = ${db.json(config)}, config_version = config_version + 1`;
    const after = await owe(['hangup']);
    await after.run('hangup');
    expect(await db`select state from deliveries order by id`).toEqual([
      { state: 'delivered' },
      { state: 'skipped' },
    ]);
  });
});
