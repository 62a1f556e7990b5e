import { describe, expect, test } from 'vitest';

import { NUMBER, useDatabase } from '../support/database.ts';
import { useWorld } from './world.ts';

const { db } = useDatabase();
const world = useWorld(db);

const CONFIG = 'integrations/config';
const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const WEBHOOK = { enabled: true, url: 'https://hooks.example.com/calls', secret: SECRET };
const save = (body: unknown) => world.post(CONFIG, body);

describe('what a save sets going', () => {
  const pause = () => db`
    insert into integration_states (enterprise_number, integration_type, paused_at, pause_reason)
    values (${NUMBER}, 'retailcrm', now(), 'Ключ API неверный')`;

  test('the CRM is told of us, and what was parked goes out, each call in its order', async () => {
    await pause();
    const first = await world.owe([
      { step: 'dial', state: 'parked' },
      { step: 'hangup', state: 'parked' },
    ]);
    const second = await world.owe([{ step: 'hangup', state: 'parked' }]);
    const { json } = await save({ retailcrm: { api_key: 'demo-key-0367' } });
    expect(json).toMatchObject({ states: { retailcrm: { state: 'active' } }, warnings: [] });
    expect(await db`select paused_at from integration_states`).toEqual([{ pausedAt: null }]);
    await db`update deliveries set due_at = now()`;
    expect(await world.work()).toEqual([first.ids[0], second.ids[0], first.ids[1]]);
    const { journal, modules } = await world.retailcrm();
    expect(modules).toHaveLength(1);
    expect(journal.map(({ externalId }) => externalId).toSorted()).toEqual(
      [first.uniqueId, second.uniqueId].toSorted(),
    );
    expect(journal.every(({ uploads }) => uploads.length === 1)).toBe(true);
  });

  test('with a key that does not fit it stays paused, and says so', async () => {
    await pause();
    await world.owe([{ step: 'hangup', state: 'parked' }]);
    const { status, json } = await save({ retailcrm: { api_key: 'another-key' } });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      states: { retailcrm: { state: 'paused', reason: 'Ключ API неверный' } },
      warnings: [{ path: 'retailcrm', message: 'Ключ API неверный' }],
    });
    expect(await db`select state from deliveries`).toEqual([{ state: 'parked' }]);
    const [log] =
      await db`select event_type, status, error_message, http_status from integration_logs`;
    expect(log).toEqual({
      eventType: 'register',
      status: 'error',
      errorMessage: 'Ключ API неверный',
      httpStatus: 403,
    });
  });

  test('with a key that does not fit an integration that was not paused is in error', async () => {
    const { json } = await save({ retailcrm: { api_key: 'another-key' } });
    expect(json).toMatchObject({
      states: { retailcrm: { state: 'error', reason: 'Ключ API неверный' } },
    });
    const repaired = await save({ retailcrm: { api_key: 'demo-key-0367' } });
    expect(repaired.json).toMatchObject({ states: { retailcrm: { state: 'active' } } });
  });

  test.each([
    ['switched off', { enabled: false }],
    ['removed', null],
  ])('a CRM that is %s is told that we are gone', async (_how, retailcrm) => {
    await save({ retailcrm: { api_key: 'demo-key-0367' } });
    expect((await world.retailcrm()).modules).toMatchObject([{ active: true }]);
    const { json } = await save({ retailcrm });
    expect(json).toMatchObject({ warnings: [] });
    expect((await world.retailcrm()).modules).toMatchObject([{ active: false }]);
    expect(
      await db`select event_type, status from integration_logs order by id desc limit 1`,
    ).toEqual([{ eventType: 'unregister', status: 'success' }]);
    await save({ retailcrm });
    expect(await world.control('received?peer=retailcrm')).toMatchObject({
      received: { length: 2 },
    });
  });

  test('a log row of what was parked waits no longer once it goes on, or is over', async () => {
    await pause();
    const { ids } = await world.owe([{ step: 'hangup' }]);
    await world.dispatch(ids[0] ?? '');
    const rows = () => db`
      select status, error_message from integration_logs where delivery_id = ${ids[0] ?? ''} order by id`;
    expect(await rows()).toEqual([
      { status: 'pending', errorMessage: 'Интеграция приостановлена' },
    ]);
    await save({ retailcrm: { api_key: 'demo-key-0367' } });
    expect(await rows()).toEqual([
      { status: 'success', errorMessage: 'Интеграция приостановлена' },
    ]);
    await world.work();
    expect(await rows()).toHaveLength(2);
    expect(await db`select 1 from integration_logs where status = 'pending'`).toEqual([]);
  });

  test('what a removed integration owed is skipped, and the log says so', async () => {
    await pause();
    await world.owe([{ step: 'hangup', state: 'parked' }]);
    await save({ retailcrm: null });
    expect(await db`select state, reason from deliveries`).toEqual([
      { state: 'skipped', reason: 'Интеграция удалена' },
    ]);
    expect(
      await db`select status, error_message from integration_logs where delivery_id is not null`,
    ).toEqual([{ status: 'success', errorMessage: 'Интеграция удалена' }]);
    expect(await db`select 1 from integration_states`).toEqual([]);
  });

  test('nothing is said of integrations that were not named', async () => {
    await save({ webhook: { ...WEBHOOK, enabled: false } });
    expect(await world.control('received?peer=retailcrm')).toMatchObject({ received: [] });
  });
});

describe('states', () => {
  const stateOf = async (type: string) => {
    const { json } = await world.get(CONFIG, { view: 'admin' });
    const { integrations } = json as {
      integrations: { type: string; state: string; reason: string | null }[];
    };
    const found = integrations.find((one) => one.type === type);
    return [found?.state, found?.reason];
  };
  const attempt = (status: string, age: string) => db`
    insert into integration_logs (enterprise_number, integration_type, event_type, status, error_message, created_at)
    values (${NUMBER}, 'retailcrm', 'hangup', ${status}, ${status === 'error' ? 'Нет связи' : null},
      now() - ${age}::interval)`;
  const longAgo = () => db`update enterprises set updated_at = now() - interval '2 days'`;

  test('off, not configured, active', async () => {
    expect(await stateOf('retailcrm')).toEqual(['active', null]);
    await save({ retailcrm: { enabled: false } });
    expect(await stateOf('retailcrm')).toEqual(['off', null]);
    await save({ webhook: { enabled: true } });
    expect(await stateOf('webhook')).toEqual(['not_configured', null]);
  });

  test('in error while the last attempt failed', async () => {
    await longAgo();
    await attempt('success', '3 hours');
    await attempt('error', '1 hour');
    expect(await stateOf('retailcrm')).toEqual(['error', 'Нет связи']);
    await attempt('success', '1 minute');
    expect(await stateOf('retailcrm')).toEqual(['active', null]);
  });

  test('a failure of long ago, or before the last change, says nothing', async () => {
    await longAgo();
    await attempt('error', '25 hours');
    expect(await stateOf('retailcrm')).toEqual(['active', null]);
    await attempt('error', '1 hour');
    await save({ webhook: { enabled: true } });
    expect(await stateOf('retailcrm')).toEqual(['active', null]);
  });

  test('in error while it rests after time-outs', async () => {
    await db`
      insert into integration_states (enterprise_number, integration_type, timeouts, open_until)
      values (${NUMBER}, 'retailcrm', 3, now() + interval '10 seconds')`;
    expect(await stateOf('retailcrm')).toEqual(['error', 'CRM не отвечает']);
  });

  test('paused, with the reason', async () => {
    await db`
      insert into integration_states (enterprise_number, integration_type, paused_at, pause_reason)
      values (${NUMBER}, 'retailcrm', now(), 'Ключ API неверный')`;
    expect(await stateOf('retailcrm')).toEqual(['paused', 'Ключ API неверный']);
  });
});
