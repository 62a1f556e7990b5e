import { describe, expect, test } from 'vitest';

import { createIntake } from '../../shared/calls/intake.ts';
import { createTracker } from '../../shared/calls/tracker.ts';
import { placeForCrm } from '../../shared/originates/say-why.ts';
import { insertLogin, startSession } from '../auth/people.ts';
import { NUMBER, TOKEN, useDatabase } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';
import { SECRET, useBox, useClicks } from './world.ts';

const { db } = useDatabase();
const world = useBox(db);

const { ask, click, row } = useClicks(db, world);
const originated = () =>
  world.account.box.originated().map(({ extension, phone }) => `${extension} → ${phone}`);

describe('GET /api/makecallexternal', () => {
  test('answers as it always did, and a little more', async () => {
    const { status, json, headers } = await click();
    expect(json).toEqual({
      success: true,
      message: 'Call initiated successfully: 150 -> +375291110001',
      enterprise: `name ${NUMBER}`,
      enterprise_number: NUMBER,
      from_ext: '150',
      to_phone: '+375291110001',
      host_ip: '127.0.0.1',
      response_time_ms: expect.any(Number),
      originate_id: expect.any(String),
    });
    expect(status).toBe(200);
    expect(headers['access-control-allow-origin']).toBe('*');
    expect(originated()).toEqual(['150 → +375291110001']);
  });

  test('by POST, with the secret as a bearer token', async () => {
    const answer = await ask({
      method: 'POST',
      path: '/api/makecallexternal',
      headers: { authorization: `Bearer ${SECRET}`, origin: 'https://crm.example.com' },
      body: { code: 150, phone: '+375 (29) 111-00-01' },
    });
    expect(answer).toMatchObject({ status: 200, json: { to_phone: '+375291110001' } });
  });

  test('knows the channels it began', async () => {
    await click();
    const pair = world.account.box.channels().filter(({ name }) => name.startsWith('Local/150@'));
    expect(await row()).toMatchObject({
      state: 'accepted',
      channel: expect.stringMatching(/^Local\/150@inoffice-[0-9a-f]{8};1$/),
      uniqueIds: pair.map(({ uniqueId }) => uniqueId),
    });
  });

  test('a page of another origin may ask', async () => {
    const { status, headers } = await ask({ method: 'OPTIONS', path: '/api/makecallexternal' });
    expect(status).toBe(204);
    expect(headers).toMatchObject({ 'access-control-allow-origin': '*' });
  });

  test.each([
    ['wrong', { clientId: 'wrong' }],
    ['empty', { clientId: '' }],
  ])('a secret that is %s', async (_what, query) => {
    expect(await click(query)).toMatchObject({
      status: 401,
      json: { detail: 'Invalid clientId' },
      headers: { 'access-control-allow-origin': '*' },
    });
  });

  test.each([
    [{ code: '' }, 'code'],
    [{ phone: '' }, 'phone'],
    [{ code: '150@web-zapros' }, 'code'],
    [{ code: "150'; touch /tmp/pwn; '" }, 'code'],
    [{ phone: '12' }, 'phone'],
    [{ phone: '375291110001&LOCAL/152' }, 'phone'],
  ])('%j is refused before the box hears of it', async (query, path) => {
    expect(await click(query as Record<string, string>)).toMatchObject({
      status: 422,
      json: { errors: [{ path }] },
    });
    expect(originated()).toEqual([]);
    expect(await row()).toBeUndefined();
  });

  test('an extension that is not there', async () => {
    expect(await click({ code: '999' })).toMatchObject({
      status: 422,
      json: { detail: 'Extension 999 does not exist on this PBX' },
    });
    expect(originated()).toEqual([]);
  });

  test('a phone that is not registered is called, with a warning', async () => {
    expect(await click({ code: '151' })).toMatchObject({
      status: 200,
      json: { warning: 'Extension 151 is not registered' },
    });
    expect(originated()).toEqual(['151 → +375291110001']);
  });

  test('an impatient second click gets the result of the first', async () => {
    const [one, two] = await Promise.all([click(), click()]);
    const three = await click({ phone: '+375 29 111 00 01' });
    expect(two.json).toEqual(one.json);
    expect(three.json).toEqual(one.json);
    expect(originated()).toHaveLength(1);
    await db`update originates set requested_at = requested_at - interval '6 seconds'`;
    await click();
    expect(originated()).toHaveLength(2);
  });

  test('the eleventh call within ten seconds has to wait; another enterprise does not', async () => {
    const phones = Array.from({ length: 11 }, (_, index) => `3752911100${10 + index}`);
    const answers = [];
    for (const phone of phones) answers.push(await click({ phone }));
    expect(answers.slice(0, 10).map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(answers[10]).toMatchObject({ status: 429 });
    const wait = Number(answers[10]?.headers['retry-after']);
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(10);
    expect(originated()).toHaveLength(10);
  });
});

describe('what the box does is said', () => {
  test.each([
    ['stopped', 'Asterisk is not running'],
    ['booting', 'Asterisk is still starting'],
    ['deaf', 'Asterisk did not start the call'],
    ['cut_before_handshake', 'SSH command failed: Connection lost before handshake'],
    ['refuse_auth', 'SSH command failed: Authentication refused'],
  ] as const)('%s', async (mode, reason) => {
    world.account.mode = mode;
    expect(await click()).toMatchObject({
      status: 500,
      json: { detail: `Call initiation failed: ${reason}`, request_id: 'r1' },
    });
    expect(await row()).toMatchObject({ state: 'failed', reason });
  });

  test('an answer that was lost is no failure when the channel is there', async () => {
    world.account.mode = 'drop';
    const asked = click();
    await expect.poll(originated).toHaveLength(1);
    world.account.mode = 'ok';
    expect(await asked).toMatchObject({ status: 200 });
    expect(originated()).toHaveLength(1);
  });
});

describe('the events of the box move it on', () => {
  const crm = createFakeQueue();
  const tracker = createTracker({ db, crm, telegram: createFakeQueue(), live: createFakeQueue() });
  const calls = createFakeQueue();
  const intake = createIntake({ db, calls });

  async function event(kind: string, body: object): Promise<void> {
    calls.messages.length = 0;
    await intake(kind, {
      requestId: 'r1',
      method: 'POST',
      path: `/${kind}`,
      params: {},
      query: {},
      headers: { token: TOKEN },
      sourceIp: '192.0.2.1',
      rawBody: Buffer.from(JSON.stringify(body)),
    });
    for (const { body: message } of calls.messages)
      await tracker.track(message as { eventId: string });
  }

  async function begin() {
    const { json } = await click({ code: '150', phone: '375291110001' });
    const id = (json as { originate_id: string }).originate_id;
    const [asked, ours] = world.account.box.channels();
    if (!asked || !ours) throw new Error('no channels');
    const common = {
      UniqueId: ours.uniqueId,
      Phone: '375291110001',
      Trunk: '0001363',
      CallType: 0,
    };
    const show = async () =>
      (await ask({ path: `/api/originates/${id}`, query: { clientId: SECRET } })).json;
    return { asked, ours, common, show };
  }

  test('to the end', async () => {
    const { asked, ours, common, show } = await begin();
    expect(await show()).toMatchObject({ state: 'accepted', call_id: null });
    // Not ExternalInitiated: the box of this enterprise does not say it.
    await event('start', common);
    expect(await show()).toMatchObject({ state: 'ringing_agent', call_id: expect.any(String) });
    const inside = { BridgeUniqueid: 'b1', CallerIDNum: '150', ConnectedLineNum: '150' };
    await event('bridge', { ...inside, UniqueId: ours.uniqueId, Channel: ours.name });
    await event('bridge', { ...inside, UniqueId: '1795267125.4', Channel: 'SIP/150-00000001' });
    expect(await show()).toMatchObject({ state: 'ringing_client' });
    const far = { BridgeUniqueid: 'b2', CallerIDNum: '150', ConnectedLineNum: '375291110001' };
    await event('bridge', { ...far, UniqueId: asked.uniqueId, Channel: asked.name });
    await event('bridge', {
      BridgeUniqueid: 'b2',
      CallerIDNum: '375291110001',
      ConnectedLineNum: '150',
      UniqueId: '1795267126.5',
      Channel: 'Local/375291110001@inoffice-00000009;1',
    });
    expect(await show()).toMatchObject({ state: 'talking' });
    for (const channel of [asked, ours])
      await event('bridge_leave', {
        ...(channel === asked ? far : inside),
        UniqueId: channel.uniqueId,
        Channel: channel.name,
      });
    await event('hangup', { ...common, CallStatus: '2', Extensions: ['150'] });
    expect(await show()).toMatchObject({ state: 'ended', reason: null });
    expect(await db`select direction, click_to_call from calls`).toMatchObject([
      { direction: 'out', clickToCall: true },
    ]);
  });

  test('nobody picked up the extension', async () => {
    const { common, show } = await begin();
    await event('start', { ...common, ExternalInitiated: true });
    await event('hangup', { ...common, CallStatus: '0', Extensions: ['150'] });
    expect(await show()).toMatchObject({
      state: 'failed',
      reason: 'The extension did not answer',
    });
  });

  describe('when nobody knew whether the call was placed', () => {
    let late = { UniqueId: '', Phone: '375291110001', Trunk: '0001363', CallType: 0 };
    let channels = 0;
    const begin = async (): Promise<() => Promise<unknown>> => {
      late = { ...late, UniqueId: `1795267120.${(channels += 1)}` };
      world.account.mode = 'drop';
      expect(await click()).toMatchObject({ status: 500 });
      world.account.mode = 'ok';
      const id = String((await row())?.['id']);
      return async () =>
        (await ask({ path: `/api/originates/${id}`, query: { clientId: SECRET } })).json;
    };
    const talk = async () => {
      const far = { BridgeUniqueid: 'b2', CallerIDNum: '150', ConnectedLineNum: '375291110001' };
      await event('bridge', { ...far, UniqueId: late.UniqueId, Channel: 'PJSIP/150-00000001' });
      await event('hangup', { ...late, CallStatus: '2', Extensions: ['150'] });
    };

    test('its events settle it', async () => {
      const show = await begin();
      expect(await show()).toMatchObject({ state: 'failed' });
      await event('start', late);
      expect(await show()).toMatchObject({ state: 'ringing_agent', reason: null });
      await talk();
      expect(await show()).toMatchObject({ state: 'ended', reason: null });
    });

    test('also when the first of them came before the answer', async () => {
      const show = await begin();
      await db`update originates set state = 'requested', problem = null, reason = null`;
      await event('start', late);
      expect(await show()).toMatchObject({ state: 'ringing_agent' });
      await talk();
      expect(await show()).toMatchObject({ state: 'ended' });
    });
  });

  test('never back: an event that is late changes nothing', async () => {
    const { common, show } = await begin();
    await event('hangup', {
      ...common,
      CallStatus: '0',
      Extensions: ['150'],
      ExternalInitiated: true,
    });
    const ended = await show();
    expect(ended).toMatchObject({ state: 'failed' });
    await event('start', { ...common, ExternalInitiated: true });
    expect(await show()).toMatchObject({ state: 'failed' });
  });

  test('a stranger sees nothing of it', async () => {
    await begin();
    const id = String((await row())?.['id']);
    const path = `/api/originates/${id}`;
    expect(await ask({ path })).toMatchObject({ status: 401 });
    expect(await ask({ path, query: { clientId: 'wrong' } })).toMatchObject({ status: 401 });
    const own = await startSession(db, await insertLogin(db, 'own-admin', NUMBER));
    expect(await ask({ path, session: own })).toMatchObject({ status: 200 });
  });
});

test('a click in a CRM goes the same way, and the manager reads why not', async () => {
  const place = placeForCrm(world.originate);
  const wanted = {
    requestId: '1',
    enterpriseNumber: NUMBER,
    integrationType: 'bitrix24' as const,
    phone: '375291110001',
  };
  expect(await place({ ...wanted, extension: '150' })).toMatchObject({ placed: true });
  expect(await place({ ...wanted, extension: undefined })).toMatchObject({ placed: false });
  expect(await place({ ...wanted, extension: '999' })).toEqual({
    placed: false,
    why: 'Такого внутреннего номера нет на АТС',
  });
});
