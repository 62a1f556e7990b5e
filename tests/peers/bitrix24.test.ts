import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { describe, expect } from 'vitest';

import { type Bitrix24World, SECRET, test } from './bitrix24-fixture.ts';
import { ask } from './fixture.ts';

const REGISTER = 'telephony.externalcall.register';
const FINISH = 'telephony.externalcall.finish';
const SHOW = 'telephony.externalcall.show';
const HIDE = 'telephony.externalcall.hide';
const ATTACH = 'telephony.externalCall.attachRecord';

const call = {
  USER_ID: 26,
  PHONE_NUMBER: '375291110001',
  TYPE: 2,
  CALL_START_DATE: '2026-01-31T12:05:09+03:00',
  EXTERNAL_CALL_ID: '1.1',
};

async function register(world: Bitrix24World, change: object = {}): Promise<string> {
  const { body } = await world.rest(REGISTER, { ...call, ...change });
  return (body as { result: { CALL_ID: string } }).result.CALL_ID;
}

const refused = (error_description: string, error = 'ERROR_CORE', status = 400) => ({
  status,
  body: { error, error_description },
});

describe('who may ask', () => {
  test.for([
    ['another secret', 'demo/rest/1/nobody/profile'],
    ["another portal's secret", 'second/rest/1/demo-webhook-0367/profile'],
    ["another user's webhook", 'demo/rest/2/demo-webhook-0367/profile'],
  ])('refuses %s', async ([, path], { world }) => {
    const answer = await ask(`${world.peers.url}/bitrix24/${path}`);
    expect(answer).toMatchObject(
      refused('Invalid request credentials', 'INVALID_CREDENTIALS', 401),
    );
  });

  test.for(['nobody/rest/1/demo-webhook-0367/profile', 'demo/rest/1/demo-webhook-0367', 'demo'])(
    'answers a page at %s',
    async (path, { world }) => {
      const body = expect.stringMatching(/^<!DOCTYPE html>/);
      expect(await ask(`${world.peers.url}/bitrix24/${path}`)).toMatchObject({ status: 404, body });
    },
  );

  test('a webhook without the right is refused, and scope says so', async ({ world }) => {
    const limitedWebhook = { secret: 'limited-webhook', scopes: ['crm'] };
    await world.control('bitrix24/demo', { limitedWebhook });
    expect(await world.rest(REGISTER, call, 'limited-webhook')).toMatchObject({
      status: 403,
      body: { error: 'insufficient_scope' },
    });
    expect((await world.rest('scope', {}, 'limited-webhook')).body).toMatchObject({
      result: ['crm'],
    });
  });

  test('a portal for applications refuses register and finish, not show', async ({ world }) => {
    const CALL_ID = await register(world);
    await world.control('bitrix24/demo', { wrongAuthType: true });
    const answer = { status: 403, body: { error: 'WRONG_AUTH_TYPE' } };
    expect(await world.rest(REGISTER, call)).toMatchObject(answer);
    expect(await world.rest(FINISH, { CALL_ID, USER_ID: 26 })).toMatchObject(answer);
    expect((await world.rest(SHOW, { CALL_ID, USER_ID: 27 })).body).toMatchObject({ result: true });
  });

  test('names of methods are not told apart by case; an unknown one is none', async ({ world }) => {
    expect((await world.rest('PROFILE.json')).body).toMatchObject({
      result: { ID: '1', NAME: 'Дежурный' },
    });
    expect(await world.rest('telephony.nothing')).toMatchObject(
      refused('Method not found!', 'ERROR_METHOD_NOT_FOUND', 404),
    );
  });

  test('the secret is in no record, right or wrong', async ({ world }) => {
    await world.rest('profile');
    await world.rest('profile', {}, 'wrong-secret-of-somebody');
    const { body } = await world.control('received');
    expect(JSON.stringify(body)).not.toMatch(/demo-webhook-0367|wrong-secret-of-somebody/);
  });
});

describe('register', () => {
  test.for<[object, string]>([
    [{ USER_ID: undefined }, 'USER_ID or USER_PHONE_INNER should be set'],
    [{ USER_ID: undefined, USER_PHONE_INNER: '199' }, 'USER_ID or USER_PHONE_INNER should be set'],
    [{ USER_ID: undefined, USER_PHONE_INNER: '159' }, 'USER_ID or USER_PHONE_INNER should be set'],
    [{ USER_ID: 77 }, 'User is not found or is not active'],
    [{ USER_ID: 29 }, 'User is not found or is not active'],
    [{ USER_ID: 'Анна' }, 'Wrong value of USER_ID'],
    [{ TYPE: undefined }, 'Unknown TYPE'],
    [{ TYPE: 6 }, 'Unknown TYPE'],
    [{ PHONE_NUMBER: undefined }, 'Unsupported phone number format'],
    [{ PHONE_NUMBER: 'скрыт' }, 'Unsupported phone number format'],
    [{ PHONE_NUMBER: 375291110001 }, 'Wrong value of PHONE_NUMBER'],
    [
      { CALL_START_DATE: '2026-01-31 12:05:09' },
      'CALL_START_DATE should be in the ISO-8601 format',
    ],
    [
      { CALL_START_DATE: '2026-01-31T12:05:09' },
      'CALL_START_DATE should be in the ISO-8601 format',
    ],
    [{ SHOW: 2 }, 'Wrong value of SHOW'],
    [{ LINE_NUMBER: '1'.repeat(51) }, 'Wrong value of LINE_NUMBER'],
    [{ CALL_ID: 'x' }, 'Unknown parameter CALL_ID'],
  ])('refuses %j', async ([change, description], { world }) => {
    expect(await world.rest(REGISTER, { ...call, ...change })).toMatchObject(refused(description));
    expect(world.counts()).toMatchObject({ registered: 0, cardsShown: 0 });
  });

  test('gives a CALL_ID, the client, and the card', async ({ world }) => {
    const { body } = await world.rest(REGISTER, call);
    expect(body).toMatchObject({
      result: {
        CALL_ID: expect.stringMatching(/^externalCall\.[0-9a-f]{32}\.\d+$/),
        CRM_ENTITY_TYPE: 'CONTACT',
        CRM_ENTITY_ID: 651,
      },
      time: { operating_reset_at: expect.any(Number) },
    });
    expect(world.seeing()).toEqual([26]);
    await register(world, { EXTERNAL_CALL_ID: '1.2', USER_ID: 27, SHOW: 0 });
    expect(world.seeing()).toEqual([26]);
  });

  test.for<[string, object, boolean]>([
    ['the same', {}, true],
    ['another user', { USER_ID: 27 }, false],
    ['another line', { LINE_NUMBER: '7' }, false],
    ['another direction', { TYPE: 1 }, false],
    ['another call of the client', { EXTERNAL_CALL_ID: '1.2' }, false],
    ['no EXTERNAL_CALL_ID', { EXTERNAL_CALL_ID: undefined }, true],
  ])('again with %s: the old CALL_ID is %3$s', async ([, change, same], { world }) => {
    const first = await register(world);
    expect((await register(world, change)) === first).toBe(same);
  });

  test('again half an hour after the start, or after the end, is another call', async ({
    world,
  }) => {
    const first = await register(world);
    world.clock.advance(31 * 60_000);
    const second = await register(world);
    expect(second).not.toBe(first);
    const CALL_START_DATE = '2026-01-31T12:30:00+03:00';
    const third = await register(world, { CALL_START_DATE });
    await world.rest(FINISH, { CALL_ID: third, USER_ID: 26 });
    expect(await register(world, { CALL_START_DATE })).not.toBe(third);
  });
});

describe('the other methods of a call', () => {
  test('show and hide work on users of a live call', async ({ world }) => {
    const CALL_ID = await register(world, { SHOW: 0 });
    await world.rest(SHOW, { CALL_ID });
    await world.rest(SHOW, { CALL_ID, USER_ID: [27, 28] });
    expect(world.seeing()).toEqual([26, 27, 28]);
    await world.rest(HIDE, { CALL_ID, USER_ID: 27 });
    await world.rest(HIDE, { CALL_ID });
    expect(world.seeing()).toEqual([28]);
    expect((await world.rest(SHOW, { CALL_ID: 'none', USER_ID: 27 })).body).toMatchObject({
      result: false,
    });
  });

  test.for([REGISTER, FINISH, SHOW, HIDE, ATTACH])(
    '%s wants a text as CALL_ID',
    async (method, { world }) => {
      const answer = await world.rest(method, { CALL_ID: 5, USER_ID: 26 });
      expect(answer.status).toBe(400);
      if (method === REGISTER) return;
      expect(answer).toMatchObject(refused('CALL_ID must be a string', 'INVALID_ARGUMENT'));
    },
  );

  test.for<[object, string]>([
    [{ STATUS_CODE: '666' }, 'Unknown STATUS_CODE'],
    [{ STATUS_CODE: 200 }, 'Unknown STATUS_CODE'],
    [{ USER_ID: undefined }, 'USER_ID or USER_PHONE_INNER should be set'],
    [{ USER_ID: 29 }, 'User is not found or is not active'],
    [{ DURATION: -1 }, 'Wrong value of DURATION'],
    [{ RECORD_URL: 'https://x.example/1.mp3' }, 'Unknown parameter RECORD_URL'],
  ])('finish refuses %j', async ([change, description], { world }) => {
    const CALL_ID = await register(world);
    const answer = await world.rest(FINISH, { CALL_ID, USER_ID: 26, ...change });
    expect(answer).toMatchObject(refused(description));
    expect(world.counts()).toMatchObject({ journal: 0, live: 1 });
  });

  test('finish hides the card of who finishes, enters the call, and works once', async ({
    world,
  }) => {
    const CALL_ID = await register(world);
    await world.rest(SHOW, { CALL_ID, USER_ID: 27 });
    const finish = { CALL_ID, USER_ID: 26, DURATION: 95, STATUS_CODE: '200' };
    expect((await world.rest(FINISH, finish)).body).toMatchObject({
      result: { CALL_ID, CALL_DURATION: 95, CALL_START_DATE: {}, CALL_STATUS: 1 },
    });
    expect(world.seeing()).toEqual([27]);
    expect(await world.rest(FINISH, finish)).toMatchObject(
      refused('Call is not found (call should be registered prior to finishing', ''),
    );
    expect(world.counts()).toMatchObject({ journal: 1, finishedAgain: 1 });
    expect((await world.rest(HIDE, { CALL_ID, USER_ID: 27 })).body).toMatchObject({
      result: false,
    });
  });

  test.for<[type: number, code: string, missed: number]>([
    [2, '304', 1],
    [3, '304', 1],
    [1, '304', 0],
    [2, '603-S', 0],
    [2, '486', 0],
  ])(
    'a call of type %d with %s leaves %d missed calls',
    async ([TYPE, STATUS_CODE, missed], { world }) => {
      const CALL_ID = await register(world, { TYPE });
      await world.rest(FINISH, { CALL_ID, USER_ID: 26, STATUS_CODE });
      expect(world.counts().missed).toBe(missed);
    },
  );

  test.for<[object, string]>([
    [
      {},
      'Required parameters are not set. Request should contain either URL or FILENAME parameter',
    ],
    [{ RECORD_URL: 'https://x.example/1.mp3' }, 'File name is empty'],
    [
      { FILENAME: '1.ogg', FILE_CONTENT: 'AAAA' },
      'Wrong file extension. Only wav and mp3 are allowed',
    ],
    [
      { FILENAME: '1.MP3', FILE_CONTENT: 'AAAA' },
      'Wrong file extension. Only wav and mp3 are allowed',
    ],
    [{ FILENAME: '1.mp3' }, 'File content is empty.'],
  ])('attachRecord refuses %j', async ([params, description], { world }) => {
    const CALL_ID = await register(world);
    await world.rest(FINISH, { CALL_ID, USER_ID: 26 });
    expect(await world.rest(ATTACH, { CALL_ID, ...params })).toMatchObject(refused(description));
  });

  test('attachRecord wants a finished call and a link that answers', async ({ world }) => {
    const CALL_ID = await register(world);
    const record = { CALL_ID, FILENAME: '1.mp3', RECORD_URL: 'https://x.example/1.mp3' };
    const early = refused(
      expect.stringMatching(/^Call is not found in the statistic table/) as string,
    );
    expect(await world.rest(ATTACH, record)).toMatchObject(early);
    await world.rest(FINISH, { CALL_ID, USER_ID: 26 });
    await world.control('bitrix24/demo', { recordStatus: 403 });
    expect(await world.rest(ATTACH, record)).toMatchObject(
      refused('Server returns HTTP error code 403'),
    );
    await world.control('bitrix24/demo', { recordStatus: 200 });
    const first = await world.rest(ATTACH, record);
    expect((await world.rest(ATTACH, record)).body).toMatchObject({
      result: (first.body as { result: object }).result,
    });
    expect(world.counts().records).toBe(1);
  });
});

describe('a manager clicks a number', () => {
  test('the call is registered, and the outbound webhook told by a form', async ({ world }) => {
    const told: URLSearchParams[] = [];
    const hub = createServer((request, response) => {
      void buffer(request).then((body) => {
        told.push(new URLSearchParams(body.toString()));
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => void hub.listen(0, '127.0.0.1', resolve));
    const address = hub.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await world.control('bitrix24/demo', { eventsUrl: `http://127.0.0.1:${port}/events` });
    const { body } = await world.control('bitrix24/demo/click', {
      phone: '+375291110001',
      extension: '151',
    });
    hub.close();
    const [live] = world.portal.live.values();
    expect(body).toEqual({ callId: live?.callId, outcomes: [{ status: 200 }] });
    expect(live).toMatchObject({ userId: 27, type: 1, externalCallId: null });
    expect(Object.fromEntries(told[0] ?? [])).toMatchObject({
      event: 'ONEXTERNALCALLSTART',
      'data[CALL_ID]': live?.callId,
      'data[USER_ID]': '27',
      'data[PHONE_NUMBER]': '+375291110001',
      'auth[application_token]': 'demo-application-token-0367',
    });
  });

  test('without an outbound webhook says so, and an unknown extension clicks nothing', async ({
    world,
  }) => {
    const click = (extension: string) =>
      world.control('bitrix24/demo/click', { phone: '1', extension });
    expect((await click('151')).body).toMatchObject({ outcomes: [{ error: expect.any(String) }] });
    expect((await click('199')).status).toBe(404);
  });
});

describe('control and page', () => {
  test('reset forgets effects and limits; users and settings stay', async ({ world }) => {
    await world.control('bitrix24/demo', {
      wrongAuthType: false,
      secret: SECRET,
      users: [{ id: 26, firstName: 'Анна' }],
    });
    await register(world);
    await world.control('reset', { peer: 'bitrix24' });
    expect(world.counts()).toMatchObject({ registered: 0, live: 0, cardsShown: 0 });
    expect(world.portal.users).toHaveLength(1);
  });

  test('a portal is made on the fly, and an unknown one is 404', async ({ world }) => {
    expect((await world.control('bitrix24/third', { secret: 'third-webhook' })).body).toMatchObject(
      {
        portal: 'third',
        webhooks: ['••••hook'],
      },
    );
    expect((await world.control('bitrix24/nobody')).status).toBe(404);
    expect((await world.control('bitrix24')).body).toEqual(['demo', 'second', 'third']);
  });

  test('the page shows cards, calls and recordings, and no secret', async ({ world }) => {
    const CALL_ID = await register(world);
    await register(world, { EXTERNAL_CALL_ID: '<b>2</b>' });
    await world.rest(FINISH, { CALL_ID, USER_ID: 26, STATUS_CODE: '304' });
    await world.rest(ATTACH, { CALL_ID, FILENAME: '1.mp3', RECORD_URL: 'https://x.example/1.mp3' });
    const { body } = await ask(world.peers.url);
    expect(body).toContain('304 пропущен');
    expect(body).toContain('https://x.example/1.mp3');
    expect(body).toContain('&lt;b&gt;2&lt;/b&gt;');
    expect(body).not.toContain(SECRET);
  });
});
