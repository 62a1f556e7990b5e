import { describe, expect, test } from 'vitest';

import { useDatabase } from '../support/database.ts';
import { list, object, useHosting } from './world.ts';

const { db } = useDatabase();
const world = useHosting(db);

describe('payments', () => {
  const server = { server_name: 'a', client_name: 'Инна', client_price: 700, service_fee: 50 };

  test('move the date on, and the server out of debt', async () => {
    await world.create({ ...server, start_date: '2026-01-31', next_payment_date: '2026-10-31' });
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
    await world.create({ ...server, next_payment_date: '2026-12-05' });
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
    await world.create({ ...server, payment_period: 'yearly' });
    await world.post('payment', { server_id: 1, amount: 10, periods: 0 });
    expect(await world.get('server/1')).toMatchObject({ server: { next_payment_date: null } });
    await world.post('payment', { server_id: 1, amount: 9000, paid_on: '2026-11-01' });
    expect(await world.get('server/1')).toMatchObject({
      server: { next_payment_date: '2027-11-01' },
    });
  });

  test('are listed, newest first, and can be put right', async () => {
    await world.create(server);
    await world.create({ ...server, server_name: 'b' });
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
    await world.create({ ...server, next_payment_date: '2026-10-20' });
    await world.create({
      ...server,
      server_name: 'b',
      client_price: null,
      next_payment_date: '2026-11-21',
    });
    await world.create({
      ...server,
      server_name: 'c',
      status: 'closed',
      next_payment_date: '2026-11-25',
    });
    await world.create({ ...server, server_name: 'd' });
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
  await world.create({
    server_name: 'a',
    client_name: 'Инна',
    cost_price: 400,
    client_price: 700,
    service_fee: 50,
  });
  await world.create({ server_name: 'b', client_name: 'Инна', client_price: 100 });
  await world.create({ server_name: 'c', client_name: 'Олег', cost_price: 900, client_price: 500 });
  await world.create({ server_name: 'd', cost_price: 300 });
  await world.create({
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
