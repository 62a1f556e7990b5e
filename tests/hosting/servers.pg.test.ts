import { describe, expect, test } from 'vitest';

import { useDatabase } from '../support/database.ts';
import { list, object, useHosting } from './world.ts';

const { db } = useDatabase();
const world = useHosting(db);

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
    const server = await world.create({
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
    expect(await world.create({ server_name: 'a', client_price: 700 })).toMatchObject({
      cost_price: null,
      margin: null,
      payment_amount: 700,
    });
    expect(await world.create({ server_name: 'b', cost_price: 700 })).toMatchObject({
      client_price: null,
      margin: null,
      payment_amount: null,
    });
  });

  test('change as they are told, and only so; the history knows', async () => {
    const { id } = await world.create({ server_name: 'a', client_price: 700, notes: 'old' });
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

  test.each<[string, string, Record<string, unknown>, string]>([
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
    await world.create({ server_name: 'a' });
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
    const server = await world.create({ server_name: 'a', project_id: 1 });
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
