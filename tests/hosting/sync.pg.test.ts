import { describe, expect, test } from 'vitest';

import { TimewebFailure } from '../../shared/timeweb/failure.ts';
import { useDatabase } from '../support/database.ts';
import { useHosting } from './world.ts';

const { db } = useDatabase();
const world = useHosting(db);

const runs = () => db`select kind, result, error, counts from sync_runs order by id`;

describe('the first run', () => {
  test('makes a row of every server', async () => {
    expect(await world.run()).toEqual({
      configured: 1,
      synced: 23,
      created: 23,
      changed: 0,
      missing: 0,
      balanceAlert: 0,
    });
    expect(await world.server(1051)).toMatchObject({
      serverName: 'bot-1-1051',
      configuration: '2 CPU / 2GB RAM / 30GB SSD / Ubuntu 24.04',
      ipAddress: '203.0.113.2',
      costPrice: '730.50',
      clientPrice: null,
      serviceFee: '0.00',
      status: 'active',
      timewebStatus: 'on',
      timewebPresetId: 2453,
      autoSync: true,
      missingSince: null,
    });
    expect(await world.changes()).toEqual([]);
    expect(world.texts()).toEqual([]);
  });

  test('takes the cost from what is paid, else from the preset, else from nowhere', async () => {
    await world.upstream({
      servers: { 1051: { preset_id: null, configurator_id: 11 }, 1052: { preset_id: 1 } },
      costs: { 1051: null, 1052: null, 1053: 0 },
    });
    await world.run();
    const costs = await Promise.all([1051, 1052, 1053, 1054].map((id) => world.server(id)));
    expect(costs.map(({ costPrice }) => costPrice)).toEqual([null, null, '0.00', '550.00']);
  });

  test('survives words nobody knows, and a server without an address', async () => {
    await world.run();
    expect(await world.server(1072)).toMatchObject({ timewebStatus: 'resizing', status: 'active' });
    expect(await world.server(1073)).toMatchObject({ ipAddress: null });
  });

  test('takes a server that is off for suspended', async () => {
    await world.run();
    expect(await world.server(1056)).toMatchObject({ timewebStatus: 'off', status: 'suspended' });
  });
});

describe('a later run', () => {
  test('finds nothing to change when nothing has changed', async () => {
    await world.run();
    expect(await world.run()).toMatchObject({ synced: 23, created: 0, changed: 0, missing: 0 });
    expect(await world.changes()).toEqual([]);
  });

  test('writes down what has changed, and tells it in one message', async () => {
    await world.run();
    await world.upstream({
      servers: {
        1051: { status: 'off' },
        1052: { ram: 4096 },
        1053: { networks: [{ type: 'public', ips: [{ type: 'ipv4', ip: '203.0.113.99' }] }] },
        1056: { status: 'on' },
      },
      costs: { 1055: 800 },
    });
    expect(await world.run()).toMatchObject({ synced: 23, changed: 5 });
    expect(await world.changes()).toEqual([
      [1051, 'timeweb_status', 'on', 'off'],
      [1051, 'status', 'active', 'suspended'],
      [
        1052,
        'configuration',
        expect.stringContaining('2GB RAM'),
        expect.stringContaining('4GB RAM'),
      ],
      [1053, 'ip_address', '203.0.113.4', '203.0.113.99'],
      [1055, 'cost_price', '730.50', '800.00'],
      [1056, 'timeweb_status', 'off', 'on'],
      [1056, 'status', 'suspended', 'active'],
    ]);
    expect(world.texts()).toEqual([
      '🖥 Хостинг: изменились серверы (3)\n' +
        '• bot-1-1051: в Timeweb on → off; активен → приостановлен\n' +
        '• pbx-1055: цена 730.50 ₽ → 800 ₽\n' +
        '• site-1056: в Timeweb off → on; приостановлен → активен',
    ]);
    world.forget();
    await world.run();
    expect(world.texts()).toEqual([]);
  });

  test('tells what could not be told the last time', async () => {
    await world.run();
    await world.upstream({ servers: { 1051: { status: 'off' } } });
    world.refuseMessages(true);
    await world.run();
    expect(world.texts()).toEqual([]);
    world.refuseMessages(false);
    await world.run();
    expect(world.texts()).toHaveLength(1);
  });

  test('marks what is gone and keeps everything of it; what is back is marked no more', async () => {
    await world.run();
    const before = await world.server(1051);
    await world.upstream({ servers: { 1051: null } });
    expect(await world.run()).toMatchObject({ synced: 22, missing: 1, changed: 1 });
    const gone = await world.server(1051);
    expect(gone).toMatchObject({ missingSince: expect.any(Date), costPrice: '730.50' });
    expect({ ...gone, missingSince: null, lastSyncAt: null, updatedAt: null }).toEqual({
      ...before,
      lastSyncAt: null,
      updatedAt: null,
    });
    expect(await world.run()).toMatchObject({ missing: 1, changed: 0 });
    expect((await world.server(1051))['missingSince']).toEqual(gone['missingSince']);
    expect(world.texts()).toEqual([expect.stringContaining('bot-1-1051: пропал из Timeweb')]);

    await world.upstream({ servers: { 1051: {} } });
    expect(await world.run()).toMatchObject({ synced: 23, missing: 0 });
    expect(await world.server(1051)).toMatchObject({ missingSince: null });
  });

  test('of a row that was never synced makes known what was not, and no history of it', async () => {
    await db`insert into hosting_servers (server_name, timeweb_id, client_price) values ('x', 1051, 1200)`;
    expect(await world.run()).toMatchObject({ synced: 23, created: 22, changed: 0 });
    expect(await world.server(1051)).toMatchObject({ costPrice: '730.50', clientPrice: '1200.00' });
    expect(await world.changes()).toEqual([]);
  });

  test('never touches what people have set', async () => {
    await world.run();
    const byHand = {
      client_name: 'Мария Верес',
      client_price: 1200,
      service_fee: 100,
      next_payment_date: '2026-12-05',
      notes: 'звонить после обеда',
    };
    const { project } = (await world.post('project', { name: 'Боты' })) as {
      project: { id: number };
    };
    const { id } = await world.server(1051);
    await world.patch(`server/${String(id)}`, { ...byHand, project_id: project.id });
    await world.upstream({ servers: { 1051: { status: 'off', name: 'renamed' } } });
    await world.run();
    expect((await world.get(`server/${String(id)}`))['server']).toMatchObject({
      ...byHand,
      project_id: project.id,
      server_name: 'renamed',
      status: 'suspended',
    });
  });

  test('leaves rows without auto_sync alone; the button does not', async () => {
    await world.run();
    const { id } = await world.server(1051);
    await world.patch(`server/${String(id)}`, { auto_sync: false });
    await world.upstream({ servers: { 1051: { status: 'off' }, 1052: null } });
    const second = (await world.server(1052))['id'];
    await world.patch(`server/${String(second)}`, { auto_sync: false });

    expect(await world.run()).toMatchObject({ synced: 21, changed: 0, missing: 0 });
    await world.post('timeweb/sync-all', { auto_only: true });
    expect(await world.server(1051)).toMatchObject({ status: 'active', timewebStatus: 'on' });

    expect(await world.post('timeweb/sync-all')).toEqual({
      success: true,
      synced: 22,
      created: 0,
      changed: 2,
      missing: 1,
      errors: [],
    });
    expect(await world.server(1051)).toMatchObject({ status: 'suspended', autoSync: false });
  });

  test.each([
    ['closed', 'off', 'closed'],
    ['closed', 'on', 'closed'],
    ['suspended', 'on', 'active'],
    ['suspended', 'off', 'suspended'],
    ['suspended', 'no_paid', 'suspended'],
    ['active', 'off', 'suspended'],
    ['active', 'no_paid', 'active'],
    ['active', 'dreaming', 'active'],
  ])('%s, %s upstream: %s', async (status, upstream, expected) => {
    await world.upstream({ count: 1 });
    await world.run();
    await db`update hosting_servers set status = ${status}`;
    await world.upstream({ servers: { 1051: { status: upstream } } });
    await world.run();
    expect(await world.server(1051)).toMatchObject({ status: expected });
  });

  test('does not take an address for gone that is only not said', async () => {
    await world.run();
    await world.upstream({
      servers: {
        1051: { networks: [{ type: 'public', ips: null }], status: null, cpu: null, name: '' },
        1052: { networks: null, ram: null, cpu: null, disks: null, os: null },
      },
    });
    await world.run();
    expect(await world.server(1051)).toMatchObject({
      serverName: 'bot-1-1051',
      ipAddress: '203.0.113.2',
      timewebStatus: 'on',
    });
    expect(await world.server(1052)).toMatchObject({
      ipAddress: '203.0.113.3',
      configuration: expect.stringContaining('2 CPU'),
    });
  });
});

describe('an error changes nothing', () => {
  test.each([
    ['empty_401', ''],
    ['array_400', ''],
    ['html_502', 'servers'],
    ['html_502', 'services/cost'],
    ['not_json', 'presets'],
    ['garbage', 'servers'],
    ['garbage', 'services/cost'],
  ])('%s of /…%s', async (kind, path) => {
    await world.run();
    await world.upstream({
      servers: { 1051: { status: 'off' }, 1052: null },
      fault: { kind, path },
    });
    const before = await world.everything();
    await expect(world.run()).rejects.toThrow(TimewebFailure);
    expect(await world.everything()).toEqual(before);
    expect((await runs()).at(-1)).toMatchObject({
      result: 'failed',
      error: expect.stringContaining('Timeweb'),
    });
    expect(world.texts()).toEqual([]);
    await world.upstream({ fault: null });
    expect(await world.run()).toMatchObject({ synced: 22, missing: 1, changed: 2 });
  });

  test('in the middle of the pages', async () => {
    await world.upstream({ count: 150 });
    await world.run();
    const before = await world.everything();
    const page = { peer: 'timeweb', path: '/v1/servers$' };
    await world.control('behave', { ...page, mode: 'cut' });
    await world.control('behave', { ...page, mode: 'slow', delay_ms: 0, times: 1 });
    await expect(world.run()).rejects.toThrow(TimewebFailure);
    expect(await world.everything()).toEqual(before);
  });

  test('of the database: neither rows nor history nor the result', async () => {
    await world.run();
    const before = await world.everything();
    await world.upstream({ servers: { 1051: { status: 'off' } } });
    await db`alter table hosting_months add constraint broken check (false) not valid`;
    try {
      await expect(world.run()).rejects.toThrow(/broken/);
    } finally {
      await db`alter table hosting_months drop constraint broken`;
    }
    expect(await world.everything()).toEqual(before);
    expect((await runs()).at(-1)).toMatchObject({ result: 'failed', error: 'Внутренняя ошибка' });
  });

  test('of the finances: the servers are up to date all the same', async () => {
    await world.upstream({ fault: { kind: 'html_502', path: 'finances' } });
    await expect(world.run()).rejects.toThrow('Timeweb не отвечает');
    expect(await world.server(1051)).toMatchObject({ timewebStatus: 'on' });
  });
});

describe('several runs at once', () => {
  test('make every row once', async () => {
    await Promise.all([world.run(), world.run(), world.post('timeweb/sync-all')]);
    const [row] = await db`select count(*)::int as servers from hosting_servers`;
    expect(row).toEqual({ servers: 23 });
    expect(await world.changes()).toEqual([]);
  });

  test('do not go back to what an earlier one has read', async () => {
    await world.run();
    await world.control('behave', {
      peer: 'timeweb',
      mode: 'slow',
      delay_ms: 400,
      path: 'presets',
      times: 1,
    });
    const slow = world.run();
    await expect.poll(async () => (await runs()).length).toBe(2);
    await expect.poll(async () => (await world.calls())['servers']).toBe(2);
    await world.upstream({ servers: { 1051: { status: 'off' } } });
    await world.run();
    await slow;
    expect(await world.server(1051)).toMatchObject({ timewebStatus: 'off', status: 'suspended' });
    expect(await world.changes()).toHaveLength(2);
  });
});

test('the number of requests does not grow with the servers, except by pages', async () => {
  const asked = async (count: number) => {
    await world.control('reset', {});
    await world.upstream({ count });
    await world.run();
    return world.calls();
  };
  const fixed = { 'presets/servers': 1, 'account/services/cost': 1, 'account/finances': 1 };
  expect(await asked(1)).toEqual({ servers: 1, ...fixed });
  expect(await asked(100)).toEqual({ servers: 1, ...fixed });
  expect(await asked(500)).toEqual({ servers: 5, ...fixed });
});

describe('the balance', () => {
  const low = { finances: { balance: 2_000, hourly_fee: 33.19 } };

  test('that lasts less than a week is told once a day', async () => {
    await world.upstream(low);
    expect(await world.run()).toMatchObject({ balanceAlert: 1 });
    expect(await world.run()).toMatchObject({ balanceAlert: 0 });
    expect(world.texts()).toEqual(['⚠️ Timeweb: на счёте 2000.00 RUB, хватит на 2 дн.']);
    world.setNow('2026-11-22T12:00:00Z');
    await world.run();
    expect(world.texts()).toHaveLength(2);
  });

  test('that could not be told is told by the next run', async () => {
    await world.upstream(low);
    world.refuseMessages(true);
    expect(await world.run()).toMatchObject({ balanceAlert: 0 });
    world.refuseMessages(false);
    expect(await world.run()).toMatchObject({ balanceAlert: 1 });
  });

  test.each([
    ['lasts longer', { balance: 18_378, hourly_fee: 33.19 }],
    ['is unknown', { balance: null, hours_left: null }],
    [
      'is for nothing',
      {
        balance: 1,
        hourly_fee: 0,
        hourly_cost: 0,
        monthly_fee: 0,
        monthly_cost: 0,
        hours_left: null,
      },
    ],
  ])('that %s is nothing to tell', async (_what, finances) => {
    await world.upstream({ finances });
    await world.run();
    expect(world.texts()).toEqual([]);
  });
});

describe('without a token', () => {
  test('payments are followed all the same', async () => {
    await world.post('server', { server_name: 'в шкафу', next_payment_date: '2026-11-21' });
    world.setNow('2026-11-22T12:00:00Z');
    expect(await world.runWithoutToken()).toEqual({ configured: 0, told: 1 });
    const [row] = await db`select status from hosting_servers`;
    expect(row).toEqual({ status: 'overdue' });
    expect(world.texts()).toEqual([
      '🖥 Хостинг: изменились серверы (1)\n• в шкафу: активен → просрочен',
    ]);
  });
});
