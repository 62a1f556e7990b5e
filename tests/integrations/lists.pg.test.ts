import { beforeEach, describe, expect, test } from 'vitest';

import { NUMBER, useDatabase } from '../support/database.ts';
import { OTHER_NUMBER, useWorld } from './world.ts';

const { db } = useDatabase();
const world = useWorld(db);

type Item = Record<string, unknown> & { id: string };
type Page = { items: Item[]; next_cursor: string | null };

describe('the log', () => {
  type Entry = { type?: string; status?: string; event?: string; call?: string; age?: string };

  async function log(entry: Entry = {}, number = NUMBER): Promise<string> {
    const { type = 'retailcrm', status = 'success', event = 'hangup', call = 'u-1' } = entry;
    const [row] = await db`
      insert into integration_logs (enterprise_number, integration_type, event_type, call_unique_id, status, created_at)
      values (${number}, ${type}, ${event}, ${call}, ${status}, now() - ${entry.age ?? '0'}::interval)
      returning id`;
    return String(row?.['id']);
  }
  const logs = async (query: Record<string, string> = {}) =>
    (await world.get('integrations/logs', query)).json;
  const idsOf = async (query: Record<string, string>) =>
    ((await logs(query)) as Item[]).map(({ id }) => id);

  test('is an array of a hundred, newest first, as the predecessor answered', async () => {
    await db`
      insert into integration_logs (enterprise_number, integration_type, event_type, status)
      select ${NUMBER}, 'retailcrm', 'dial', 'success'
      from generate_series(1, 120)`;
    const newest = await log({ status: 'error' });
    const entries = (await logs()) as Item[];
    expect(entries).toHaveLength(100);
    expect(entries[0]).toEqual({
      id: newest,
      enterprise_number: NUMBER,
      integration_type: 'retailcrm',
      event_type: 'hangup',
      call_unique_id: 'u-1',
      phone_number: null,
      internal_extension: null,
      request_data: null,
      response_data: null,
      status: 'error',
      error_message: null,
      response_time_ms: null,
      delivery_id: null,
      attempt: null,
      http_status: null,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
  });

  test('comes in pages when a cursor is sent, be it empty', async () => {
    const ids = [await log(), await log(), await log()].toReversed();
    const first = (await logs({ cursor: '', limit: '2' })) as Page;
    expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = (await logs({ cursor: first.next_cursor ?? '', limit: '2' })) as Page;
    expect(second.items.map(({ id }) => id)).toEqual(ids.slice(2));
    expect(second.next_cursor).toBeNull();
  });

  test('a cursor of another list or of other filters is refused, and so is one made up', async () => {
    await log();
    await log();
    const { next_cursor: cursor } = (await logs({ cursor: '', limit: '1' })) as Page;
    const statusOf = async (path: string, query: Record<string, string>) =>
      (await world.get(path, query)).status;
    expect(await statusOf('integrations/logs', { cursor: cursor ?? '', status: 'error' })).toBe(
      422,
    );
    expect(await statusOf('deliveries', { cursor: cursor ?? '' })).toBe(422);
    expect(await statusOf('integrations/logs', { cursor: 'MTIz' })).toBe(422);
  });

  test('is filtered by type, status, event, call and time, alone and together', async () => {
    const plain = await log();
    const failed = await log({ status: 'error' });
    const other = await log({ type: 'amocrm', status: 'error' });
    const dial = await log({ event: 'dial' });
    const called = await log({ call: 'u-2', type: 'amocrm' });
    const old = await log({ age: '3 days', status: 'error' });
    await log({}, OTHER_NUMBER);

    expect(await idsOf({ type: 'amocrm' })).toEqual([called, other]);
    expect(await idsOf({ status: 'error' })).toEqual([old, other, failed]);
    expect(await idsOf({ type: 'retailcrm', status: 'error' })).toEqual([old, failed]);
    expect(await idsOf({ event: 'dial' })).toEqual([dial]);
    expect(await idsOf({ call: 'u-2' })).toEqual([called]);
    expect(await idsOf({ call: 'u-2', type: 'retailcrm' })).toEqual([]);
    const from = new Date(Date.now() - 3_600_000).toISOString();
    expect(await idsOf({ from })).toEqual([called, dial, other, failed, plain]);
    expect(await idsOf({ from, status: 'error' })).toEqual([other, failed]);
    expect(await idsOf({ to: from })).toEqual([old]);
    expect(await idsOf({ to: from, status: 'success' })).toEqual([]);
  });

  test.each([
    ['an unknown type', { type: 'hubspot' }],
    ['an unknown status', { status: 'bad' }],
    ['a time that is none', { from: 'yesterday' }],
    ['a page too long', { limit: '1000' }],
  ])('%s is refused', async (_what, query) => {
    expect((await world.get('integrations/logs', query)).status).toBe(422);
  });
});

describe('deliveries', () => {
  const list = async (query: Record<string, string> = {}) =>
    (await world.get('deliveries', query)).json as Page;
  const idsOf = async (query: Record<string, string>) =>
    (await list(query)).items.map(({ id }) => id);

  test('are listed newest first with their call, page by page', async () => {
    const { ids, callId, uniqueId } = await world.owe([
      { step: 'dial', state: 'delivered' },
      { step: 'bridge', state: 'skipped' },
      { step: 'hangup' },
    ]);
    const first = await list({ limit: '2' });
    expect(first.items.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    expect(first.items[0]).toEqual({
      id: ids[2],
      integration: 'retailcrm',
      step: 'hangup',
      round: 1,
      state: 'pending',
      reason: null,
      attempts: 0,
      call_id: callId,
      call_unique_id: uniqueId,
      chat_id: null,
      chat_number: null,
      phone: '375291110001',
      extensions: ['150', '151'],
      due_at: expect.any(String),
      next_attempt_at: expect.any(String),
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    const second = await list({ limit: '2', cursor: first.next_cursor ?? '' });
    expect(second).toMatchObject({
      items: [{ id: ids[0], next_attempt_at: null }],
      next_cursor: null,
    });
  });

  test('are filtered by integration, state, step, call and time', async () => {
    const old = await world.owe([{ step: 'hangup', state: 'failed', age: '3 days' }]);
    const amo = await world.owe([{ step: 'hangup', state: 'parked', type: 'amocrm' }]);
    const call = await world.owe([{ step: 'dial', state: 'delivered' }, { step: 'hangup' }]);
    await world.owe([{ step: 'hangup' }], { number: OTHER_NUMBER });

    expect(await idsOf({ integration: 'amocrm' })).toEqual(amo.ids);
    expect(await idsOf({ state: 'failed' })).toEqual(old.ids);
    expect(await idsOf({ state: 'pending' })).toEqual([call.ids[1]]);
    expect(await idsOf({ step: 'dial' })).toEqual([call.ids[0]]);
    expect(await idsOf({ call: call.uniqueId })).toEqual(call.ids.toReversed());
    expect(await idsOf({ call: call.callId })).toEqual(call.ids.toReversed());
    const from = new Date(Date.now() - 3_600_000).toISOString();
    expect(await idsOf({ from, step: 'hangup' })).toEqual([call.ids[1], amo.ids[0]]);
    expect(await idsOf({ to: from })).toEqual(old.ids);
  });

  test('one of them is shown with all its attempts', async () => {
    await world.post('integrations/config', { retailcrm: { enabled: true } });
    const { ids, uniqueId } = await world.owe([{ step: 'hangup' }]);
    await world.control('behave', {
      peer: 'retailcrm',
      account: 'demo',
      mode: 'error500',
      times: 1,
    });
    await world.dispatch(ids[0] ?? '').catch(() => {});
    await db`update deliveries set next_attempt_at = now()`;
    await world.dispatch(ids[0] ?? '');
    const { json } = await world.get(`deliveries/${ids[0]}`);
    expect(json).toMatchObject({
      id: ids[0],
      state: 'delivered',
      attempts: 2,
      call_unique_id: uniqueId,
      history: [
        { attempt: 1, status: 'error', http_status: 500, delivery_id: ids[0] },
        { attempt: 2, status: 'success', response_data: expect.anything() },
      ],
    });
    expect(JSON.stringify(json)).not.toContain('demo-key-0367');
  });

  test('of another enterprise are not there', async () => {
    const { ids } = await world.owe([{ step: 'hangup' }], { number: OTHER_NUMBER });
    expect((await world.get(`deliveries/${ids[0]}`)).status).toBe(404);
  });
});

describe('figures', () => {
  beforeEach(async () => {
    const attempt = (
      type: string,
      status: string,
      ms: number,
      age = '1 hour',
      number = NUMBER,
    ) => db`
      insert into integration_logs (enterprise_number, integration_type, event_type, status, response_time_ms, created_at)
      values (${number}, ${type}, 'hangup', ${status}, ${ms}, now() - ${age}::interval)`;
    for (let ms = 10; ms <= 190; ms += 10) await attempt('retailcrm', 'success', ms);
    await attempt('retailcrm', 'error', 1000);
    await attempt('amocrm', 'error', 50);
    await attempt('retailcrm', 'error', 50, '25 hours');
    await attempt('retailcrm', 'success', 50, '1 hour', OTHER_NUMBER);
    await db`
      insert into integration_logs (enterprise_number, integration_type, event_type, status)
      values (${NUMBER}, 'retailcrm', 'test', 'error'), (${NUMBER}, 'retailcrm', 'hangup', 'pending')`;
    await db`
      insert into integration_states (enterprise_number, integration_type, paused_at)
      values (${NUMBER}, 'amocrm', now())`;
  });

  const none = { events: 0, errors: 0, p95_ms: null, paused: 0 };

  test('of the last 24 hours', async () => {
    expect((await world.get('integrations/stats')).json).toEqual({
      total_events: 21,
      success_rate: 90.5,
      integrations: {
        retailcrm: { events: 20, errors: 1, p95_ms: expect.any(Number), paused: 0 },
        bitrix24: none,
        amocrm: { events: 1, errors: 1, p95_ms: 50, paused: 1 },
        webhook: none,
      },
      series: [{ at: expect.stringMatching(/:00:00\.000Z$/), events: 21, errors: 2 }],
    });
  });

  test('of all enterprises, for a superadmin', async () => {
    const { json } = await world.asSuperadmin({ path: '/admin/integrations/stats' });
    expect(json).toMatchObject({
      total_events: 22,
      integrations: { retailcrm: { events: 21 }, amocrm: { paused: 1 } },
    });
  });

  test('of another period', async () => {
    const from = new Date(Date.now() - 48 * 3_600_000).toISOString();
    const to = new Date(Date.now() - 24 * 3_600_000).toISOString();
    expect((await world.get('integrations/stats', { from, to })).json).toMatchObject({
      total_events: 1,
      success_rate: 0,
      series: [{ events: 1, errors: 1 }],
    });
  });

  test('of nothing', async () => {
    const query = { from: '2025-01-01', to: '2025-01-05' };
    expect((await world.get('integrations/stats', query)).json).toEqual({
      total_events: 0,
      success_rate: 100,
      integrations: {
        retailcrm: none,
        bitrix24: none,
        amocrm: { ...none, paused: 1 },
        webhook: none,
      },
      series: [],
    });
  });

  test.each([
    ['more than 31 days', { from: '2025-01-01', to: '2025-03-01' }],
    ['an end before the beginning', { from: '2025-01-02', to: '2025-01-01' }],
  ])('of %s are refused', async (_what, query) => {
    const { status, json } = await world.get('integrations/stats', query);
    expect([status, json]).toEqual([
      422,
      expect.objectContaining({ errors: [expect.objectContaining({ path: 'from' })] }),
    ]);
  });
});
