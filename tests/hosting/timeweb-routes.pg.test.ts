import { describe, expect, test } from 'vitest';

import { useDatabase } from '../support/database.ts';
import { list, object, useHosting } from './world.ts';

const { db } = useDatabase();
const world = useHosting(db);

describe('Timeweb', () => {
  test('is configured or not', async () => {
    expect(await world.get('timeweb/status')).toEqual({
      success: true,
      configured: true,
      message: 'Timeweb API token configured',
    });
    const answer = await world.ask({ path: 'timeweb/status' }, { timeweb: undefined });
    expect(answer.json).toEqual({
      success: true,
      configured: false,
      message: 'Timeweb API token не настроен',
    });
    expect((await world.calls())['servers']).toBeUndefined();
  });

  test.each([
    ['GET', 'timeweb/servers', undefined],
    ['GET', 'timeweb/finances', undefined],
    ['POST', 'timeweb/sync-all', undefined],
    ['POST', 'timeweb/import', { server_ids: [1051] }],
    ['POST', 'server/1/sync', undefined],
  ])('%s %s without a token', async (method, path, body) => {
    await db`insert into hosting_servers (server_name, timeweb_id) values ('bot', 1051)`;
    const answer = await world.ask({ method, path, body }, { timeweb: undefined });
    expect(answer).toMatchObject({
      status: 409,
      json: { detail: 'Timeweb API token не настроен' },
    });
  });

  test.each([
    ['GET', 'timeweb/servers', undefined],
    ['GET', 'timeweb/finances', undefined],
    ['POST', 'timeweb/sync-all', undefined],
    ['POST', 'timeweb/import', { server_ids: [1051] }],
    ['POST', 'server/1/sync', undefined],
  ])('%s %s while Timeweb is down', async (method, path, body) => {
    await db`insert into hosting_servers (server_name, timeweb_id) values ('bot', 1051)`;
    await world.upstream({ fault: { kind: 'html_502' } });
    const before = await world.everything();
    const answer = await world.ask({ method, path, body });
    expect(answer).toMatchObject({
      status: 502,
      json: { detail: 'Timeweb не отвечает', request_id: 'r1' },
    });
    expect(await world.everything()).toEqual(before);
  });

  test('that does not take the token says so', async () => {
    await world.upstream({ fault: { kind: 'empty_401' } });
    expect(await world.ask({ path: 'timeweb/finances' })).toMatchObject({
      status: 502,
      json: { detail: 'Timeweb не принял токен: проверьте TIMEWEB_API_TOKEN' },
    });
  });

  test('lists its servers, and which of them are ours', async () => {
    await world.post('timeweb/import', { server_ids: [1052] });
    const answer = await world.get('timeweb/servers');
    expect(answer).toMatchObject({ success: true, total: 23, imported_count: 1 });
    expect(list(answer['servers']).slice(0, 2)).toEqual([
      {
        timeweb_id: 1051,
        name: 'bot-1-1051',
        status: 'on',
        configuration: '2 CPU / 2GB RAM / 30GB SSD / Ubuntu 24.04',
        ip_address: '203.0.113.2',
        preset_id: 2453,
        is_imported: false,
      },
      expect.objectContaining({ timeweb_id: 1052, is_imported: true }),
    ]);
  });

  test('gives the chosen servers', async () => {
    expect(await world.post('timeweb/import', { server_ids: [1051, 1053, 1051] })).toEqual({
      success: true,
      imported: [
        { server_id: 1051, crm_id: 1, name: 'bot-1-1051' },
        { server_id: 1053, crm_id: 2, name: 'shop-1053' },
      ],
      errors: [],
      imported_count: 2,
      error_count: 0,
    });
    expect(await world.post('timeweb/import', { server_ids: [1051, 7, 1052] })).toMatchObject({
      imported: [{ server_id: 1052, crm_id: 3 }],
      errors: [
        { server_id: 1051, error: 'Сервер уже импортирован' },
        { server_id: 7, error: 'Сервер не найден в Timeweb' },
      ],
      imported_count: 1,
      error_count: 2,
    });
    expect(await world.server(1051)).toMatchObject({ autoSync: true, costPrice: '730.50' });
  });

  test('brings back what was taken off the page, and only when asked', async () => {
    await world.post('timeweb/sync-all');
    const { id } = await world.server(1051);
    await world.patch(`server/${String(id)}`, { client_name: 'Мария' });
    await world.ask({ method: 'DELETE', path: `server/${String(id)}` });
    expect(await world.post('timeweb/sync-all')).toMatchObject({ synced: 22, created: 0 });
    expect((await world.ask({ path: `server/${String(id)}` })).status).toBe(404);
    expect(await world.get('timeweb/servers')).toMatchObject({ imported_count: 22 });

    expect(await world.post('timeweb/import', { server_ids: [1051] })).toMatchObject({
      imported: [{ server_id: 1051, crm_id: id }],
    });
    expect((await world.get(`server/${String(id)}`))['server']).toMatchObject({
      client_name: 'Мария',
      timeweb_status: 'on',
    });
  });

  test('says how long the money lasts', async () => {
    expect(await world.get('timeweb/finances')).toEqual({
      success: true,
      finances: {
        balance: 18378.3,
        currency: 'RUB',
        days_left: 23.1,
        is_low: false,
        hours_left: 553,
        hourly_cost: 33.192622950819676,
        hourly_fee: 33.192622950819676,
        monthly_cost: 24297,
        monthly_fee: 24297,
        discount_percent: 5,
        discount_end_date_at: null,
        total_paid: 29191.51,
        autopay_card_info: null,
        is_blocked: false,
      },
    });
    await world.upstream({ finances: { balance: 900 } });
    expect(object((await world.get('timeweb/finances'))['finances'])).toMatchObject({
      days_left: 1.1,
      is_low: true,
    });
  });

  test('is in the audit log when somebody wanted it or it changed something, not for the opening', async () => {
    const noted = async () => {
      const [row] = await db`
        select count(*)::int as count from audit_log where action = 'POST /admin/hosting/api/timeweb/sync-all'`;
      return row?.['count'] as number;
    };
    const before = await noted();
    await world.post('timeweb/sync-all', { auto_only: true });
    expect(await noted()).toBe(before + 1);
    await world.post('timeweb/sync-all', { auto_only: true });
    expect(await noted()).toBe(before + 1);
    await world.post('timeweb/sync-all');
    expect(await noted()).toBe(before + 2);
  });

  test('syncs one server, and says what has changed', async () => {
    await world.post('timeweb/sync-all');
    const { id } = await world.server(1051);
    await world.upstream({ servers: { 1051: { status: 'off' } } });
    const before = await world.calls();
    const answer = await world.post(`server/${String(id)}/sync`);
    expect(answer).toMatchObject({
      success: true,
      server: { id, timeweb_status: 'off', status: 'suspended', cost_price: 730.5 },
      changes: [
        { field: 'timeweb_status', old: 'on', new: 'off' },
        { field: 'status', old: 'active', new: 'suspended' },
      ],
    });
    expect((await world.calls())['servers']).toBe(before['servers']);
    expect(await world.post(`server/${String(id)}/sync`)).toMatchObject({ changes: [] });
    expect(world.texts()).toHaveLength(1);
  });

  test('has one server no more', async () => {
    await world.post('timeweb/sync-all');
    const { id } = await world.server(1051);
    await world.upstream({ servers: { 1051: null } });
    expect(await world.post(`server/${String(id)}/sync`)).toMatchObject({
      server: { missing_since: expect.any(String), cost_price: 730.5 },
      changes: [{ field: 'missing_since', old: null, new: expect.any(String) }],
    });
  });

  test('never had a server that was added by hand', async () => {
    const { id } = await world.create({ server_name: 'в шкафу' });
    const answer = await world.ask({ method: 'POST', path: `server/${String(id)}/sync` });
    expect(answer).toMatchObject({
      status: 409,
      json: { detail: 'Сервер добавлен вручную, в Timeweb его нет' },
    });
    expect((await world.ask({ method: 'POST', path: 'server/999/sync' })).status).toBe(404);
  });
});
