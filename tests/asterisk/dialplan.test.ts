import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { callIn, cli } from './real-box.ts';
import { channels, hangUpAll, realBox, setGlobal, theBox, until, useHub } from './world.ts';

const MANAGER = '152';
const USUAL = '150';

/** The phone that rings or talks. */
const phone = async (extension: string) =>
  (await channels()).find(({ name }) => name.startsWith(`PJSIP/${extension}-`));
const caller = async () => (await channels()).find(({ name }) => name.startsWith('PJSIP/0001367-'));
const moved = JSON.stringify({ success: true, result: { action: 'redirected', manager: MANAGER } });
const goesOn = JSON.stringify({ success: true, result: { action: 'continue', reason: 'timeout' } });

describe.skipIf(!realBox)('the dialplan that is shipped', () => {
  const hub = useHub();
  const ASK = '/api/smart-redirect/incoming-call';

  beforeEach(async () => {
    hub.posted.length = 0;
    await setGlobal('ENTRANCE', 'smart-redirect-start');
  });
  afterEach(() => hangUpAll());

  async function move(extension: string, context = 'web-zapros'): Promise<void> {
    const { name } = await until(caller, { what: 'the call' });
    await cli(theBox(), `dialplan set chanvar ${name} WHO PJSIP/${extension}`);
    await cli(theBox(), `channel redirect ${name} ${context},1,1`);
  }

  test('asks for the manager, and has the call moved while the caller waits', async () => {
    hub.answers(async ({ path }) => {
      if (path === ASK) await move(MANAGER);
      return { status: 200, body: moved };
    });
    const call = callIn(theBox());
    const talking = await until(
      async () => {
        const other = await phone(MANAGER);
        return other?.bridgeId ? other : undefined;
      },
      { what: 'the conversation with the manager' },
    );
    expect((await caller())?.bridgeId).toBe(talking.bridgeId);
    const [asked] = hub.of(ASK);
    expect(asked).toMatchObject({
      token: '375290000001',
      body: { phone: '375291234567', trunk: '0001367' },
    });
    const uniqueId = (await caller())?.uniqueId;
    expect(asked?.body['unique_id']).toBe(uniqueId);
    await until(async () => hub.of('/api/callevent/bridge').length > 0, {
      what: 'the bridge event',
    });
    expect(hub.of('/api/callevent/dial')).toMatchObject([
      { body: { UniqueId: uniqueId, Phone: '375291234567', CallType: 0, Extensions: [MANAGER] } },
    ]);
    expect(hub.of('/api/callevent/bridge')).toMatchObject([
      { body: { UniqueId: uniqueId, Extension: MANAGER, ConnectedLineNum: MANAGER } },
    ]);
    // The manager hangs up: that is the end, and nobody else rings.
    await cli(theBox(), `channel request hangup ${talking.name}`);
    await until(async () => (await channels()).length === 0, { what: 'the end of the call' });
    await call.ended;
    expect(hub.of('/api/callevent/dial')).toHaveLength(1);
  });

  test.each([
    ['the answer is that the call goes on', { status: 200, body: goesOn }],
    ['the answer is an error', { status: 500, body: '{"detail":"Internal error"}' }],
    ['the answer is rubbish', { status: 200, body: "');x,y(${WHO}),`id`" }],
  ])('goes the usual way at once when %s', async (_name, answer) => {
    hub.answers(() => answer);
    callIn(theBox());
    await until(() => phone(USUAL), { withinMs: 4_000, what: 'the usual phone' });
    expect((await caller())?.context).toBe('incoming-office');
  });

  test('goes the usual way when Trunkline is not there', async () => {
    await setGlobal('TRUNKLINE_URL', 'http://127.0.0.1:1');
    callIn(theBox());
    await until(() => phone(USUAL), { withinMs: 4_000, what: 'the usual phone' });
    expect((await caller())?.context).toBe('incoming-office');
    await setGlobal('TRUNKLINE_URL', hub.url());
  });

  test('goes the usual way when the answer does not come within 8 seconds', async () => {
    hub.answers(async ({ path }) => {
      if (path === ASK) await sleep(12_000);
      return { status: 200, body: moved };
    });
    const began = Date.now();
    callIn(theBox());
    await until(() => phone(USUAL), { withinMs: 12_000, what: 'the usual phone' });
    expect(Date.now() - began).toBeGreaterThan(7_000);
  });

  test.each(['151', '199'])(
    'gives the call back when the phone %s is not there',
    async (extension) => {
      hub.answers(async ({ path }) => {
        if (path === ASK) await move(extension);
        return { status: 200, body: moved };
      });
      callIn(theBox());
      await until(() => phone(USUAL), { withinMs: 5_000, what: 'the usual phone' });
      expect((await caller())?.state).toBe('Up');
    },
  );

  test('a call that only waits goes the usual way after ten seconds, and may be moved before', async () => {
    await setGlobal('ENTRANCE', 'waitredirect');
    hub.answers(() => ({ status: 200, body: '{}' }));
    callIn(theBox(), { talkMs: 25_000 });
    await until(async () => (await caller())?.context === 'waitredirect');
    const began = Date.now();
    await until(() => phone(USUAL), { withinMs: 13_000, what: 'the usual phone' });
    expect(Date.now() - began).toBeGreaterThan(8_000);
    await hangUpAll();
    callIn(theBox());
    await until(async () => (await caller())?.context === 'waitredirect');
    await move(MANAGER);
    await until(() => phone(MANAGER), { withinMs: 3_000, what: "the manager's phone" });
  });

  test("a caller id that is a shell's command is none", async () => {
    const root = `${theBox().folder}/root`;
    hub.answers(() => ({ status: 200, body: goesOn }));
    callIn(theBox(), { from: '375%27%26touch%20%2ftmp%2fpwned%26echo%20%27%22%60id%60' });
    await until(() => phone(USUAL), { what: 'the usual phone' });
    const { existsSync } = await import('node:fs');
    expect(existsSync(`${root}/tmp/pwned`)).toBe(false);
    expect(hub.of(ASK)[0]?.body['phone']).toBe('375');
  });

  test('a hidden number asks nobody', async () => {
    callIn(theBox(), { from: 'anonymous' });
    await until(() => phone(USUAL), { what: 'the usual phone' });
    expect(hub.of(ASK)).toEqual([]);
  });

  test('a route that is not there is said in the log, and never a bare hangup', async () => {
    hub.answers(() => ({ status: 200, body: goesOn }));
    await setGlobal('TRUNKLINE_ROUTE', 'nowhere');
    callIn(theBox());
    await until(async () => (await caller())?.application === 'Congestion');
    expect((await caller())?.context).toBe('default-route');
    await setGlobal('TRUNKLINE_ROUTE', 'incoming-office');
  });
});
