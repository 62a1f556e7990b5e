import { describe, expect, test } from 'vitest';

import { createJobRunner } from '../../shared/integrations/jobs.ts';
import { createReplay } from '../../shared/integrations/replay.ts';
import { NUMBER, useDatabase } from '../support/database.ts';
import { OTHER_NUMBER, useWorld } from './world.ts';

const { db } = useDatabase();
const world = useWorld(db);

const replay = (body: unknown) => world.post('deliveries/replay', body);
const register = () => world.post('integrations/config', { retailcrm: { enabled: true } });
const states = async () => {
  const rows = await db`select id, state, attempts, repeats from deliveries order by id`;
  return Object.fromEntries(rows.map(({ id, ...row }) => [String(id), row]));
};
const sweep = () => createJobRunner({ db, kinds: createReplay({ db, crm: world.crm }).kind })();
const jobOf = (json: unknown): string => (json as { job_id: string }).job_id;

describe('these deliveries', () => {
  test('go out at once, their attempts counted from the start', async () => {
    await register();
    const { ids, uniqueId } = await world.owe([{ step: 'hangup', state: 'failed' }]);
    const { status, json } = await replay({ ids });
    expect(status).toBe(200);
    expect(json).toEqual({ success: true, replayed: 1, left: [] });
    expect(Object.values(await states())).toEqual([{ state: 'pending', attempts: 0, repeats: 0 }]);
    expect(await world.work()).toEqual(ids);
    expect((await world.retailcrm()).journal).toMatchObject([{ externalId: uniqueId }]);
    expect(
      await db`select attempt, status from integration_logs where delivery_id is not null`,
    ).toEqual([{ attempt: 1, status: 'success' }]);
  });

  test.each(['delivered', 'skipped', 'failed', 'expired', 'parked', 'retrying'])(
    'whatever became of them: %s',
    async (state) => {
      const { ids } = await world.owe([{ step: 'hangup', state }]);
      expect((await replay({ ids })).json).toMatchObject({ replayed: 1 });
      expect(world.crm.bodies()).toEqual([{ deliveryId: ids[0] }]);
    },
  );

  test('are never swallowed: as often as they are asked for, they reach the CRM', async () => {
    await register();
    const { ids } = await world.owe([{ step: 'hangup' }]);
    await world.dispatch(ids[0] ?? '');
    const dedups = new Set<string>();
    for (const _ of [1, 2, 3]) {
      await replay({ ids });
      dedups.add(world.crm.messages[0]?.dedup ?? '');
      await world.work();
    }
    expect(dedups.size).toBe(3);
    const { journal } = await world.retailcrm();
    expect(journal[0]?.uploads).toHaveLength(4);
    expect(Object.values(await states())).toEqual([
      { state: 'delivered', attempts: 1, repeats: 3 },
    ]);
  });

  test('keep the order of their call, however they are named', async () => {
    const { ids } = await world.owe([
      { step: 'bridge', state: 'failed' },
      { step: 'hangup', state: 'failed' },
      { step: 'recording', state: 'failed' },
    ]);
    await replay({ ids: ids.toReversed() });
    expect(world.crm.bodies()).toEqual([{ deliveryId: ids[0] }]);
    await db`update deliveries set due_at = now()`;
    expect(await world.work()).toEqual(ids);
  });

  test('wait for an earlier step of the call that is not finished', async () => {
    const { ids } = await world.owe([
      { step: 'hangup', state: 'retrying' },
      { step: 'recording', state: 'failed' },
    ]);
    await db`update deliveries set next_attempt_at = now() + interval '1 hour' where id = ${ids[0] ?? ''}`;
    await replay({ ids: [ids[1]] });
    expect(world.crm.bodies()).toEqual([]);
  });

  test('that are on their way, paused, merged or of somebody else are left, and it is said why', async () => {
    const [sending, merged, other] = [
      await world.owe([{ step: 'hangup', state: 'sending' }]),
      await world.owe([{ step: 'hangup', state: 'skipped' }], { merged: true }),
      await world.owe([{ step: 'hangup', state: 'failed' }], { number: OTHER_NUMBER }),
    ];
    const paused = await world.owe([{ step: 'hangup', state: 'parked', type: 'amocrm' }]);
    await db`
      insert into integration_states (enterprise_number, integration_type, paused_at)
      values (${NUMBER}, 'amocrm', now())`;
    const ids = [sending, merged, other, paused].flatMap((call) => call.ids);
    const { json } = await replay({ ids });
    expect(json).toEqual({
      success: true,
      replayed: 0,
      left: [
        { id: ids[0], reason: 'Уже отправляется' },
        { id: ids[1], reason: 'Звонок объединён с другим' },
        { id: ids[2], reason: 'Такой доставки нет' },
        { id: ids[3], reason: 'Интеграция приостановлена: сначала исправьте настройки' },
      ],
    });
    const left = Object.values(await states()).map(({ state }) => state as string);
    expect(left).toEqual(['sending', 'skipped', 'failed', 'parked']);
  });

  test('asked for twice at once go out once', async () => {
    await register();
    const { ids } = await world.owe([{ step: 'hangup', state: 'failed' }]);
    await Promise.all([replay({ ids }), replay({ ids })]);
    await world.work();
    expect((await world.retailcrm()).journal[0]?.uploads).toHaveLength(1);
  });

  test.each([
    ['neither ids nor a filter', {}],
    ['both', { ids: ['1'], filter: {} }],
    ['no id', { ids: [] }],
    ['an id that is none', { ids: ['x'] }],
    ['an unknown state', { filter: { states: ['delivered'] } }],
    ['an unknown field', { filter: { since: '2026-01-01' } }],
  ])('%s is refused', async (_what, body) => {
    expect((await replay(body)).status).toBe(422);
  });
});

describe('all that fit a filter', () => {
  test('are a job that is seen through: the first part at once, the rest by the sweeper', async () => {
    const first = await world.owe([{ step: 'hangup', state: 'failed' }]);
    await db`
      insert into deliveries (enterprise_number, integration_type, call_id, step, round, state)
      select ${NUMBER}, 'amocrm', ${first.callId}, 'dial', round, 'failed'
      from generate_series(1, 1200) as round`;
    const { status, json } = await replay({ filter: {} });
    expect(status).toBe(202);
    const job = async () => (await world.ask({ path: `/api/jobs/${jobOf(json)}` })).json;
    expect(await job()).toMatchObject({
      kind: 'replay',
      state: 'running',
      progress: { done: 100, total: 1201 },
      finished_at: null,
    });
    expect(await sweep()).toEqual({ jobParts: 3 });
    expect(await job()).toMatchObject({
      state: 'done',
      progress: { done: 1201, total: 1201 },
      result: { replayed: 1201, left: 0 },
      error: null,
    });
    expect(await sweep()).toEqual({ jobParts: 0 });
    const [row] = await db`select count(*)::int as left from deliveries where state = 'failed'`;
    expect(row).toEqual({ left: 0 });
  });

  test('are those that failed or are parked, unless it says otherwise', async () => {
    const all = ['delivered', 'skipped', 'failed', 'expired', 'parked', 'retrying', 'pending'];
    for (const state of all) await world.owe([{ step: 'hangup', state }]);
    const id = jobOf((await replay({ filter: {} })).json);
    expect((await world.ask({ path: `/api/jobs/${id}` })).json).toMatchObject({
      state: 'done',
      result: { replayed: 2, left: 0 },
    });
    const expired = jobOf((await replay({ filter: { states: ['expired', 'skipped'] } })).json);
    expect((await world.ask({ path: `/api/jobs/${expired}` })).json).toMatchObject({
      result: { replayed: 2 },
    });
  });

  test('since a moment, of one integration, of one step', async () => {
    await world.owe([{ step: 'hangup', state: 'failed', age: '2 hours' }]);
    await world.owe([{ step: 'hangup', state: 'failed', type: 'amocrm' }]);
    await world.owe([{ step: 'recording', state: 'failed' }]);
    const wanted = await world.owe([{ step: 'hangup', state: 'failed' }]);
    const from = new Date(Date.now() - 3_600_000).toISOString();
    await replay({ filter: { from, integration: 'retailcrm', step: 'hangup' } });
    expect(world.crm.bodies()).toEqual([{ deliveryId: wanted.ids[0] }]);
  });

  test('leave out what was made after the asking, other enterprises, and what is paused', async () => {
    await world.owe([{ step: 'hangup', state: 'failed' }], { number: OTHER_NUMBER });
    await world.owe([{ step: 'hangup', state: 'parked' }]);
    await db`
      insert into integration_states (enterprise_number, integration_type, paused_at)
      values (${NUMBER}, 'retailcrm', now())`;
    const id = jobOf((await replay({ filter: {} })).json);
    expect((await world.ask({ path: `/api/jobs/${id}` })).json).toMatchObject({
      result: { replayed: 0, left: 1 },
    });
    expect(world.crm.bodies()).toEqual([]);
  });

  test('and the job is only seen by who may', async () => {
    const id = jobOf((await replay({ filter: {} })).json);
    await db`update jobs set enterprise_number = ${OTHER_NUMBER}`;
    expect((await world.ask({ path: `/api/jobs/${id}` })).status).toBe(404);
    expect((await world.asSuperadmin({ path: `/api/jobs/${id}` })).status).toBe(200);
  });
});

describe('a job', () => {
  const insert = (leased: string | null = null) => db`
    insert into jobs (id, kind, enterprise_number, request, leased_until)
    values ('01990000-0000-7000-8000-000000000009', 'replay', ${NUMBER}, '{}', now() + ${leased}::interval)`;
  const job = async () => (await db`select state, failures, error from jobs`)[0];
  const failing = createJobRunner({
    db,
    kinds: { replay: () => Promise.reject(new Error('broken')) },
  });

  test('whose part fails is tried again by the next sweep, and given up after the fifth', async () => {
    await insert();
    for (const failures of [1, 2, 3, 4]) {
      expect(await failing()).toEqual({ jobParts: 1 });
      expect(await job()).toMatchObject({ state: 'running', failures });
    }
    await failing();
    expect(await job()).toEqual({ state: 'failed', failures: 5, error: 'Внутренняя ошибка' });
  });

  test('is left alone while somebody is at it, and taken over when that one died', async () => {
    await insert('1 minute');
    expect(await failing()).toEqual({ jobParts: 0 });
    await db`update jobs set leased_until = now() - interval '1 second'`;
    expect(await failing()).toEqual({ jobParts: 1 });
  });

  test('of a kind that nobody knows here is left to those who do', async () => {
    await insert();
    await db`update jobs set kind = 'csv'`;
    expect(await failing()).toEqual({ jobParts: 0 });
  });
});
