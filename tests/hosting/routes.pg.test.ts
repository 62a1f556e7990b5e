import { describe, expect, test } from 'vitest';

import { useDatabase } from '../support/database.ts';
import { useHosting } from './world.ts';

const { db } = useDatabase();
const world = useHosting(db);

type Body = Record<string, unknown>;
const list = (value: unknown) => value as Body[];
const object = (value: unknown) => value as Body;
const created = async (body: Body) => object((await world.post('server', body))['server']);

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
    const { id } = await created({ server_name: 'в шкафу' });
    const answer = await world.ask({ method: 'POST', path: `server/${String(id)}/sync` });
    expect(answer).toMatchObject({
      status: 409,
      json: { detail: 'Сервер добавлен вручную, в Timeweb его нет' },
    });
    expect((await world.ask({ method: 'POST', path: 'server/999/sync' })).status).toBe(404);
  });
});

describe('servers', () => {
  test('are listed page by page, with how the last sync went', async () => {
    expect(await world.get('servers')).toEqual({ items: [], next_cursor: null, last_sync: null });
    await world.post('timeweb/sync-all');
    const names: string[] = [];
    let cursor = '';
    do {
      const page = await world.get('servers', { limit: '10', ...(cursor && { cursor }) });
      names.push(...list(page['items']).map((item) => String(item['server_name'])));
      cursor = typeof page['next_cursor'] === 'string' ? page['next_cursor'] : '';
      expect(page['last_sync']).toMatchObject({
        kind: 'admin',
        result: 'done',
        error: null,
        synced: 23,
        created: 23,
        changed: 0,
        missing: 0,
      });
    } while (cursor);
    expect(names).toHaveLength(23);
    expect(names).toEqual(names.toSorted((one, other) => one.localeCompare(other)));

    await world.upstream({ fault: { kind: 'html_502' } });
    await world.ask({ method: 'POST', path: 'timeweb/sync-all' });
    expect((await world.get('servers'))['last_sync']).toMatchObject({
      result: 'failed',
      error: 'Timeweb не отвечает',
      synced: null,
    });
  });

  test('are found by what is known of them', async () => {
    await world.post('timeweb/sync-all');
    const { id } = await world.server(1051);
    await world.patch(`server/${String(id)}`, { client_name: 'Мария 100%' });
    const found = async (query: Record<string, string>) =>
      list((await world.get('servers', query))['items']).map((item) => item['timeweb_id']);
    expect(await found({ q: '0%' })).toEqual([1051]);
    expect(await found({ client: 'Мария 100%' })).toEqual([1051]);
    expect(await found({ q: '203.0.113.2' })).toContain(1051);
    expect(await found({ status: 'suspended' })).toEqual([1065, 1056]);
    expect(await found({ missing: 'true' })).toEqual([]);
    expect(await found({ project_id: '1' })).toEqual([]);
  });

  test('can be added by hand', async () => {
    const server = await created({
      server_name: ' в шкафу ',
      client_name: 'Инна',
      ip_address: '198.51.100.4',
      cost_price: 350,
      client_price: 700.555,
      service_fee: 50,
      start_date: '2026-01-31',
      next_payment_date: '2026-12-01',
      payment_period: 'quarterly',
    });
    expect(server).toMatchObject({
      server_name: 'в шкафу',
      client_price: 700.56,
      margin: 400.56,
      payment_amount: 2251.68,
      status: 'active',
      timeweb_id: null,
      auto_sync: false,
      next_payment_date: '2026-12-01',
    });
    expect((await world.get(`server/${String(server['id'])}`))['server']).toEqual(server);
    await world.run();
    expect((await world.get(`server/${String(server['id'])}`))['server']).toEqual(server);
  });

  test('of which something is unknown have no margin', async () => {
    expect(await created({ server_name: 'a', client_price: 700 })).toMatchObject({
      cost_price: null,
      margin: null,
      payment_amount: 700,
    });
    expect(await created({ server_name: 'b', cost_price: 700 })).toMatchObject({
      client_price: null,
      margin: null,
      payment_amount: null,
    });
  });

  test('change as they are told, and only so; the history knows', async () => {
    const { id } = await created({ server_name: 'a', client_price: 700, notes: 'old' });
    const path = `server/${String(id)}`;
    expect((await world.patch(path, { client_price: 800, notes: '' }))['server']).toMatchObject({
      server_name: 'a',
      client_price: 800,
      notes: null,
    });
    await world.patch(path, { client_price: null });
    await world.patch(path, {});
    const first = await world.get(`${path}/changes`, { limit: '1' });
    expect(first['items']).toMatchObject([
      { field: 'client_price', old: '800.00', new: null, source: 'admin' },
    ]);
    const next = { limit: '1', cursor: String(first['next_cursor']) };
    expect(await world.get(`${path}/changes`, next)).toMatchObject({
      items: [{ field: 'client_price', old: '700.00', new: '800.00' }],
      next_cursor: null,
    });
  });

  test.each<[string, string, Body, string]>([
    ['POST', 'server', {}, 'server_name'],
    ['POST', 'server', { server_name: ' ' }, 'server_name'],
    ['PATCH', 'server/1', { server_name: null }, 'server_name'],
    ['PATCH', 'server/1', { client_price: -1 }, 'client_price'],
    ['PATCH', 'server/1', { client_price: '700' }, 'client_price'],
    ['PATCH', 'server/1', { service_fee: null }, 'service_fee'],
    ['PATCH', 'server/1', { next_payment_date: '31.12.2026' }, 'next_payment_date'],
    ['PATCH', 'server/1', { next_payment_date: '2026-02-30' }, 'next_payment_date'],
    ['PATCH', 'server/1', { status: 'sleeping' }, 'status'],
    ['PATCH', 'server/1', { ip_address: '300.1.1.1' }, 'ip_address'],
    ['PATCH', 'server/1', { project_id: 77 }, 'project_id'],
    ['PATCH', 'server/1', { auto_sync: true }, 'auto_sync'],
    ['PATCH', 'server/one', { notes: 'a' }, 'id'],
  ])('%s %s %o is refused', async (method, path, body, field) => {
    await created({ server_name: 'a' });
    const before = await world.everything();
    const answer = await world.ask({ method, path, body });
    expect(answer).toMatchObject({ status: 422, json: { errors: [{ path: field }] } });
    expect(await world.everything()).toEqual(before);
  });

  test('that are not there', async () => {
    for (const [method, path] of [
      ['GET', 'server/9'],
      ['PATCH', 'server/9'],
      ['DELETE', 'server/9'],
      ['GET', 'server/9/changes'],
    ] as const) {
      const body = method === 'PATCH' ? { notes: 'a' } : undefined;
      expect(await world.ask({ method, path, body })).toMatchObject({
        status: 404,
        json: { detail: 'Сервер не найден' },
      });
    }
  });
});

describe('projects', () => {
  test('hold servers, and leave them when they go', async () => {
    const project = object((await world.post('project', { name: 'Боты', notes: 'a' }))['project']);
    expect(project).toMatchObject({ id: 1, name: 'Боты', notes: 'a', servers: 0 });
    const server = await created({ server_name: 'a', project_id: 1 });
    expect(server).toMatchObject({ project_id: 1, project_name: 'Боты' });
    await world.post('project', { name: 'Архив' });
    const all = await world.get('projects');
    expect(list(all['items']).map(({ name, servers }) => [name, servers])).toEqual([
      ['Архив', 0],
      ['Боты', 1],
    ]);
    expect(await world.patch('project/1', { name: 'Телеграм-боты' })).toMatchObject({
      project: { name: 'Телеграм-боты', notes: 'a' },
    });
    expect(await world.get('project/1')).toMatchObject({ project: { name: 'Телеграм-боты' } });
    await world.ask({ method: 'DELETE', path: 'project/1' });
    expect(await world.get('server/1')).toMatchObject({ server: { project_id: null } });
    expect((await world.ask({ path: 'project/1' })).status).toBe(404);
  });

  test('have names of their own', async () => {
    await world.post('project', { name: 'Боты' });
    await world.post('project', { name: 'Архив' });
    const taken = { status: 409, json: { detail: 'Проект с таким названием уже есть' } };
    expect(
      await world.ask({ method: 'POST', path: 'project', body: { name: 'БОТЫ' } }),
    ).toMatchObject(taken);
    expect(
      await world.ask({ method: 'PATCH', path: 'project/2', body: { name: 'боты' } }),
    ).toMatchObject(taken);
    expect(await world.patch('project/1', { name: 'БОТЫ' })).toMatchObject({ success: true });
  });
});

describe('payments', () => {
  const server = { server_name: 'a', client_name: 'Инна', client_price: 700, service_fee: 50 };

  test('move the date on, and the server out of debt', async () => {
    await created({ ...server, start_date: '2026-01-31', next_payment_date: '2026-10-31' });
    expect(await world.get('server/1')).toMatchObject({ server: { status: 'overdue' } });
    const body = { server_id: 1, amount: 1500, periods: 2, notes: 'за два месяца' };
    expect(await world.post('payment', body)).toMatchObject({
      success: true,
      payment: {
        id: 1,
        server_id: 1,
        server_name: 'a',
        client_name: 'Инна',
        amount: 1500,
        paid_on: '2026-11-21',
        periods: 2,
        next_payment_date: '2026-12-31',
        notes: 'за два месяца',
      },
      server: { next_payment_date: '2026-12-31', status: 'active' },
    });
    expect((await world.get('server/1/changes'))['items']).toMatchObject([
      { field: 'status', old: 'overdue', new: 'active' },
      { field: 'status', old: 'active', new: 'overdue' },
    ]);
  });

  test('that are deleted are undone, the last one first', async () => {
    await created({ ...server, next_payment_date: '2026-12-05' });
    await world.post('payment', { server_id: 1, amount: 750 });
    await world.post('payment', { server_id: 1, amount: 750 });
    const date = async () => object((await world.get('server/1'))['server'])['next_payment_date'];
    expect(await date()).toBe('2027-02-05');
    await world.ask({ method: 'DELETE', path: 'payment/1' });
    expect(await date()).toBe('2027-02-05');
    await world.ask({ method: 'DELETE', path: 'payment/2' });
    expect(await date()).toBe('2027-01-05');
    expect((await world.ask({ path: 'payment/2' })).status).toBe(404);
  });

  test('begin the time that is paid for when there was no date; none may be moved', async () => {
    await created({ ...server, payment_period: 'yearly' });
    await world.post('payment', { server_id: 1, amount: 10, periods: 0 });
    expect(await world.get('server/1')).toMatchObject({ server: { next_payment_date: null } });
    await world.post('payment', { server_id: 1, amount: 9000, paid_on: '2026-11-01' });
    expect(await world.get('server/1')).toMatchObject({
      server: { next_payment_date: '2027-11-01' },
    });
  });

  test('are listed, newest first, and can be put right', async () => {
    await created(server);
    await created({ ...server, server_name: 'b' });
    for (const [serverId, paidOn] of [
      [1, '2026-11-01'],
      [2, '2026-11-03'],
      [1, '2026-11-02'],
    ]) {
      await world.post('payment', { server_id: serverId, amount: 1, paid_on: paidOn });
    }
    const first = await world.get('payments', { limit: '2' });
    expect(list(first['items']).map(({ id }) => id)).toEqual([2, 3]);
    const cursor = String(first['next_cursor']);
    expect(list((await world.get('payments', { limit: '2', cursor }))['items'])).toMatchObject([
      { id: 1 },
    ]);
    expect(list((await world.get('payments', { server_id: '2' }))['items'])).toHaveLength(1);
    const period = { from: '2026-11-02', to: '2026-11-02' };
    expect(list((await world.get('payments', period))['items'])).toMatchObject([{ id: 3 }]);
    const patched = await world.patch('payment/1', { amount: 2.5, paid_on: '2026-10-30' });
    expect(patched).toMatchObject({ payment: { amount: 2.5, paid_on: '2026-10-30' } });
    expect(await world.get('payment/1')).toEqual(patched);
  });

  test('of a server that is not there', async () => {
    const answer = await world.ask({
      method: 'POST',
      path: 'payment',
      body: { server_id: 9, amount: 1 },
    });
    expect(answer).toMatchObject({ status: 404, json: { detail: 'Сервер не найден' } });
  });

  test('stand in a calendar: paid, overdue, due', async () => {
    await created({ ...server, next_payment_date: '2026-10-20' });
    await created({
      ...server,
      server_name: 'b',
      client_price: null,
      next_payment_date: '2026-11-21',
    });
    await created({
      ...server,
      server_name: 'c',
      status: 'closed',
      next_payment_date: '2026-11-25',
    });
    await created({ ...server, server_name: 'd' });
    await world.post('payment', { server_id: 4, amount: 750, paid_on: '2026-11-10', periods: 0 });
    const calendar = await world.get('payments/calendar', { to: '2026-12-25' });
    expect(calendar).toMatchObject({ from: '2026-11-01', to: '2026-12-25', today: '2026-11-21' });
    expect(
      list(calendar['items']).map(({ date, state, server_name: name, amount }) => [
        date,
        state,
        name,
        amount,
      ]),
    ).toEqual([
      ['2026-10-20', 'overdue', 'a', 750],
      ['2026-11-10', 'paid', 'd', 750],
      ['2026-11-20', 'overdue', 'a', 750],
      ['2026-11-21', 'due', 'b', null],
      ['2026-12-20', 'due', 'a', 750],
      ['2026-12-21', 'due', 'b', null],
    ]);
    const backwards = { from: '2026-12-01', to: '2026-11-01' };
    expect(await world.ask({ path: 'payments/calendar', query: backwards })).toMatchObject({
      status: 422,
      json: { errors: [{ path: 'to' }] },
    });
  });
});

test('figures: what is unknown is left out and counted, never taken for zero', async () => {
  await created({
    server_name: 'a',
    client_name: 'Инна',
    cost_price: 400,
    client_price: 700,
    service_fee: 50,
  });
  await created({ server_name: 'b', client_name: 'Инна', client_price: 100 });
  await created({ server_name: 'c', client_name: 'Олег', cost_price: 900, client_price: 500 });
  await created({ server_name: 'd', cost_price: 300 });
  await created({
    server_name: 'e',
    client_name: 'Олег',
    cost_price: 1,
    client_price: 1,
    status: 'closed',
  });
  await world.post('payment', { server_id: 1, amount: 750, paid_on: '2026-11-15', periods: 0 });
  await world.runWithoutToken();
  world.setNow('2026-12-10T12:00:00Z');
  await world.patch('server/1', { client_price: 1000 });

  const stats = await world.get('stats');
  const now = {
    servers: 4,
    cost: 1600,
    revenue: 1650,
    margin: 250,
    unknown_cost: 1,
    unknown_price: 1,
  };
  expect(stats).toEqual({
    success: true,
    total: now,
    statuses: { active: 4, overdue: 0, suspended: 0, closed: 1, missing: 0 },
    months: [
      { month: '2026-11', ...now, revenue: 1350, margin: -50, received: 750 },
      { month: '2026-12', ...now, received: 0 },
    ],
    clients: [
      {
        client: 'Инна',
        servers: 2,
        cost: 400,
        revenue: 1150,
        margin: 650,
        unknown_cost: 1,
        unknown_price: 0,
      },
      {
        client: 'Олег',
        servers: 1,
        cost: 900,
        revenue: 500,
        margin: -400,
        unknown_cost: 0,
        unknown_price: 0,
      },
      {
        client: null,
        servers: 1,
        cost: 300,
        revenue: null,
        margin: null,
        unknown_cost: 0,
        unknown_price: 1,
      },
    ],
  });
  expect(await world.get('stats', { months: '1' })).toMatchObject({
    months: [{ month: '2026-12' }],
  });
});
