import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import { sendOutbound } from '../../shared/outbound.ts';
import { createTimeweb } from '../../shared/timeweb/client.ts';
import { TimewebFailure } from '../../shared/timeweb/failure.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { PLANTED } from '../peers/timeweb-account.ts';
import { TIMEWEB_TOKEN } from '../peers/timeweb.ts';

let peers: Peers;
/** Of both sides: whoever sleeps moves it. */
let time = 0;
const slept: number[] = [];

beforeAll(async () => {
  peers = await startPeers({ port: 0, now: () => time });
});
afterAll(() => peers.close());
afterEach(async () => {
  await control('reset', {});
  slept.length = 0;
});

async function control(path: string, body?: object): Promise<{ calls: Record<string, number> }> {
  const init = body ? { method: 'POST', body: JSON.stringify(body) } : {};
  const answer = await fetch(`${peers.url}/control/${path}`, init);
  return (await answer.json()) as { calls: Record<string, number> };
}

const client = (changed: Partial<Parameters<typeof createTimeweb>[0]> = {}) =>
  createTimeweb({
    url: `${peers.url}/timeweb`,
    token: TIMEWEB_TOKEN,
    send: (request, limits) => sendOutbound(request, { allowPrivate: true, ...limits }),
    now: () => time,
    sleep: async (ms) => {
      slept.push(ms);
      time += ms;
    },
    ...changed,
  });

/** What a promise fails with. */
async function failureOf(work: Promise<unknown>): Promise<TimewebFailure> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TimewebFailure)) throw new Error(`no TimewebFailure: ${String(error)}`);
  return error;
}

describe('servers', () => {
  test('of all pages come, each once', async () => {
    await control('timeweb', { count: 250 });
    const servers = await client().getServers();
    expect(new Set(servers.map(({ id }) => id)).size).toBe(250);
    expect((await control('timeweb')).calls).toEqual({ servers: 3 });
  });

  test('none is an empty list when Timeweb says so', async () => {
    await control('timeweb', { count: 0 });
    expect(await client().getServers()).toEqual([]);
  });

  test('come without their passwords', async () => {
    const text = JSON.stringify([await client().getServers(), await client().getServer(1051)]);
    for (const secret of [...Object.values(PLANTED), 'root_pass', 'vnc_pass', 'cloud_init']) {
      expect(text).not.toContain(secret);
    }
  });

  test('with words that no document knows, null addresses and missing fields survive', async () => {
    await control('timeweb', {
      servers: {
        1051: { status: 'dreaming', os: { name: 'haiku' }, networks: null, disks: [null, {}] },
        1052: { cpu: 'many', ram: undefined, networks: [{ type: 'public', ips: null }], os: null },
      },
    });
    const [first, second] = await client().getServers();
    expect(first).toMatchObject({ status: 'dreaming', os: { name: 'haiku' }, networks: null });
    expect(second).toMatchObject({ cpu: null, networks: [{ ips: null }] });
  });

  test('that do not add up to their total are no list', async () => {
    const page = { servers: [{ id: 1 }], meta: { total: 2 } };
    let asked = 0;
    const failure = await failureOf(
      client({
        async send({ url }) {
          asked += 1;
          const body = url.endsWith('offset=0') ? page : { servers: [], meta: { total: 2 } };
          return { status: 200, headers: {}, text: JSON.stringify(body) };
        },
      }).getServers(),
    );
    expect(failure).toMatchObject({ problem: 'malformed' });
    expect(asked).toBe(4);
  });

  test('that shift while the pages are read are read again', async () => {
    const lists = [
      { servers: [{ id: 1 }], meta: { total: 2 } },
      { servers: [{ id: 1 }], meta: { total: 2 } },
      { servers: [{ id: 1 }], meta: { total: 2 } },
      { servers: [{ id: 2 }], meta: { total: 2 } },
    ];
    const send = async () => ({ status: 200, headers: {}, text: JSON.stringify(lists.shift()) });
    const servers = await client({ send }).getServers();
    expect(servers.map(({ id }) => id)).toEqual([1, 2]);
  });
});

test('everything else can be asked too', async () => {
  const timeweb = client();
  expect(await timeweb.getServer(1052)).toMatchObject({ id: 1052, name: 'bot-2-1052' });
  expect(await timeweb.getPresets()).toContainEqual(
    expect.objectContaining({ id: 2453, price: 550 }),
  );
  expect(await timeweb.getConfigurators()).toMatchObject([{ id: 11, disk_type: 'nvme' }]);
  expect(await timeweb.getServiceCosts()).toContainEqual({
    type: 'server',
    service_id: 1051,
    cost: 550,
    total_cost: 730.5,
  });
  expect(await timeweb.getFinances()).toMatchObject({ balance: 18378.3, hours_left: 553 });
  expect(await timeweb.getAccountStatus()).toEqual({
    is_blocked: false,
    is_permanent_blocked: false,
  });
});

describe('an error is an error', () => {
  test.each([
    ['empty_401', { problem: 'unauthorized', status: 401 }],
    ['html_502', { problem: 'down', status: 502 }],
    ['not_json', { problem: 'malformed', status: 200 }],
    ['garbage', { problem: 'malformed', status: 200 }],
    [
      'array_400',
      {
        problem: 'refused',
        status: 400,
        message: 'Timeweb отклонил запрос: value must be a number; value must be positive',
      },
    ],
  ])('%s', async (kind, expected) => {
    await control('timeweb', { fault: { kind } });
    const timeweb = client();
    for (const ask of [
      timeweb.getServers(),
      timeweb.getPresets(),
      timeweb.getServiceCosts(),
      timeweb.getFinances(),
    ]) {
      expect(await failureOf(ask)).toMatchObject(expected);
    }
    expect(slept).toEqual([]);
  });

  test.each([
    ['error500', 'down'],
    ['html', 'malformed'],
    ['cut', 'down'],
    ['cut_before', 'down'],
  ])('%s', async (mode, problem) => {
    await control('behave', { peer: 'timeweb', mode, times: 1 });
    expect(await failureOf(client().getServers())).toMatchObject({ problem });
  });

  test('a wrong token is refused without a body', async () => {
    const failure = await failureOf(client({ token: 'of somebody else' }).getServers());
    expect(failure).toMatchObject({ problem: 'unauthorized', status: 401 });
  });

  test('a server that is not there', async () => {
    expect(await failureOf(client().getServer(7))).toMatchObject({ problem: 'not_found' });
  });

  test('an answer that never comes', async () => {
    const never = client({
      send: (request, limits) => sendOutbound(request, { allowPrivate: true, ...limits }),
      budgetMs: 200,
    });
    await control('behave', { peer: 'timeweb', mode: 'hang', times: 1 });
    expect(await failureOf(never.getFinances())).toMatchObject({ problem: 'down', status: 0 });
  });

  test('shows neither the token nor a password, whatever is done with it', async () => {
    await control('timeweb', { servers: { 1051: { id: 'none' } } });
    const failure = await failureOf(client().getServers());
    const text = JSON.stringify([failure, failure.message, String(failure.cause), failure.stack]);
    for (const secret of [TIMEWEB_TOKEN, ...Object.values(PLANTED)]) {
      expect(text).not.toContain(secret);
    }
  });
});

describe('too many requests', () => {
  test('are waited for and asked again', async () => {
    await control('timeweb', { fault: { kind: 'limited', times: 3 } });
    expect(await client().getServers()).toHaveLength(23);
    expect(slept).toEqual([2000, 3000, 4000]);
  });

  test('three times, no more', async () => {
    await control('timeweb', { fault: { kind: 'limited' } });
    expect(await failureOf(client().getPresets())).toMatchObject({ problem: 'limited' });
    expect(slept).toHaveLength(3);
  });

  test('a time that is named counts, unless it is longer than anybody waits', async () => {
    const limited = (seconds: string) => ({
      status: 429,
      headers: { 'retry-after': seconds },
      text: '',
    });
    const answers = [limited('1'), { status: 200, headers: {}, text: '{"server_presets":[]}' }];
    const send = async () => answers.shift() ?? limited('600');
    expect(await client({ send }).getPresets()).toEqual([]);
    expect(slept).toEqual([1000]);
    expect(await failureOf(client({ send }).getPresets())).toMatchObject({ problem: 'limited' });
    expect(slept).toEqual([1000]);
  });

  test('never happen by ourselves: twenty a second to an endpoint, each for itself', async () => {
    const timeweb = client({ budgetMs: 60_000 });
    const began = time;
    for (let asked = 0; asked < 65; asked += 1) {
      await timeweb.getFinances();
      if (asked < 15) await timeweb.getPresets();
    }
    // The simulated Timeweb refuses the twenty-first within a second, and such a refusal would show as a pause of 2 s.
    expect(slept.every((ms) => ms <= 1_100)).toBe(true);
    expect(time - began).toBe(3 * 1_100);
  });

  test('side by side the same', async () => {
    vi.useFakeTimers();
    const starts: number[] = [];
    const timeweb = client({
      now: () => performance.now(),
      sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
      async send() {
        starts.push(performance.now());
        return { status: 200, headers: {}, text: '{"server_presets":[]}' };
      },
    });
    const all = Promise.all(Array.from({ length: 45 }, () => timeweb.getPresets()));
    await vi.advanceTimersByTimeAsync(5_000);
    await all;
    vi.useRealTimers();
    const gaps = starts.slice(20).map((start, index) => start - (starts[index] ?? 0));
    expect(gaps).toHaveLength(25);
    expect(Math.min(...gaps)).toBeGreaterThan(1_000);
  });
});
