import { describe, expect } from 'vitest';

import { ask, test, type World } from './fixture.ts';
import { TIMEWEB_TOKEN } from './timeweb.ts';

const get = ({ peers }: World, path: string, token = TIMEWEB_TOKEN) =>
  ask(`${peers.url}/timeweb/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });

describe('what it gives', () => {
  test('pages of servers with the total, passwords included', async ({ world }) => {
    const page = await get(world, 'servers?limit=10&offset=20');
    expect(page).toMatchObject({
      status: 200,
      body: {
        servers: [
          { id: 1071, location: 'de-1' },
          { id: 1072, status: 'resizing' },
          { id: 1073, networks: [{ ips: null }, {}], vnc_pass: expect.any(String) },
        ],
        meta: { total: 23 },
        response_id: expect.any(String),
      },
    });
    const { body } = await get(world, 'servers');
    expect((body as { servers: unknown[] }).servers).toHaveLength(23);
  });

  test('a page is of a hundred unless asked', async ({ world }) => {
    await world.control('timeweb', { count: 150 });
    const { body } = await get(world, 'servers');
    expect((body as { servers: unknown[] }).servers).toHaveLength(100);
  });

  test.for([
    ['servers/1051', { server: { id: 1051, root_pass: expect.any(String) } }],
    ['presets/servers', { server_presets: [{ price: 550 }, {}, {}], meta: { total: 3 } }],
    ['configurator/servers', { server_configurators: [{ id: 11 }] }],
    ['account/finances', { finances: { balance: 18378.3 } }],
    ['account/status', { status: { is_blocked: false } }],
  ] as const)('%s', async ([path, body], { world }) => {
    expect(await get(world, path)).toMatchObject({ status: 200, body });
  });

  test('costs of most servers, in their own units', async ({ world }) => {
    const { body } = await get(world, 'account/services/cost');
    const { services_costs: costs } = body as { services_costs: Record<string, unknown>[] };
    expect(costs).toHaveLength(20);
    expect(costs[0]).toMatchObject({ type: 'server', service_id: 1051, total_cost: 730.5 });
  });
});

describe('what it refuses', () => {
  test('a wrong token, without a word', async ({ world }) => {
    for (const token of ['', 'wrong']) {
      expect(await get(world, 'servers', token)).toMatchObject({ status: 401, body: '' });
    }
  });

  test.for(['limit=0', 'limit=-1', 'limit=ten', 'offset=1.5'])(
    '%s, with a list of reasons',
    async (query, { world }) => {
      expect(await get(world, `servers?${query}`)).toMatchObject({
        status: 400,
        body: { error_code: 'bad_request', message: [expect.any(String), expect.any(String)] },
      });
    },
  );

  test('what is not there, and what is no reading', async ({ world }) => {
    expect(await get(world, 'servers/7')).toMatchObject({
      status: 404,
      body: { status_code: 404, error_code: 'not_found', message: 'Server not found' },
    });
    expect((await get(world, 'databases')).status).toBe(404);
    const url = `${world.peers.url}/timeweb/api/v1/servers`;
    const headers = { authorization: `Bearer ${TIMEWEB_TOKEN}` };
    expect((await ask(url, { method: 'POST', headers })).status).toBe(404);
  });

  test('the twenty-first request within a second to an endpoint', async ({ world }) => {
    const statuses = async (count: number, path: string) => {
      const answers = [];
      for (let asked = 0; asked < count; asked += 1) answers.push((await get(world, path)).status);
      return answers;
    };
    expect(await statuses(21, 'account/finances')).toEqual([...Array(20).fill(200), 429]);
    expect(await statuses(1, 'account/status')).toEqual([200]);
    const limited = await get(world, 'account/finances');
    expect(limited.headers.has('retry-after')).toBe(false);
    world.clock.advance(1_000);
    expect(await statuses(1, 'account/finances')).toEqual([200]);
  });
});

describe('what it is told', () => {
  test.for([
    ['empty_401', 401, ''],
    ['html_502', 502, expect.stringContaining('<h1>502 Bad Gateway</h1>')],
    ['limited', 429, expect.objectContaining({ error_code: 'too_many_requests' })],
    ['array_400', 400, expect.objectContaining({ message: expect.any(Array) })],
    ['garbage', 200, { response_id: 'a1' }],
  ] as const)('%s, as often as asked, where asked', async ([kind, status, body], { world }) => {
    await world.control('timeweb', { fault: { kind, path: 'presets', times: 1 } });
    expect((await get(world, 'servers')).status).toBe(200);
    expect(await get(world, 'presets/servers')).toMatchObject({ status, body });
    expect((await get(world, 'presets/servers')).status).toBe(200);
  });

  test('servers come, change and go; a reset brings the demo back', async ({ world }) => {
    await world.control('timeweb', { servers: { 1051: null, 9001: { name: 'new' } } });
    await world.control('timeweb/1052', { status: 'off' });
    expect((await get(world, 'servers/1051')).status).toBe(404);
    expect(await get(world, 'servers/1052')).toMatchObject({ body: { server: { status: 'off' } } });
    expect(await get(world, 'servers/9001')).toMatchObject({ body: { server: { name: 'new' } } });
    expect((await world.control('timeweb/7', { status: 'off' })).status).toBe(404);
    await world.control('reset', {});
    expect((await get(world, 'servers/1051')).status).toBe(200);
  });

  test('shows no password, neither to a person nor in the record', async ({ world }) => {
    await get(world, 'servers');
    const shown = [
      await world.control('timeweb'),
      await world.control('received'),
      await ask(`${world.peers.url}/`),
    ];
    const text = JSON.stringify(shown.map(({ body }) => body));
    expect(text).toContain('bot-1-1051');
    expect(text).toContain('servers: 1');
    expect(text).not.toContain('planted-');
  });
});
