import { describe, expect } from 'vitest';

import { ask, test, toForm, type World } from './fixture.ts';

const EVENT = '/api/v5/telephony/call/event';
const UPLOAD = '/api/v5/telephony/calls/upload';
const MODULE = '/api/v5/integration-modules/trunkline/edit';
const MANAGER = '/api/v5/telephony/manager?phone=%2B375291110001';

const event = { phone: '+375291110001', type: 'in', codes: ['151'], callExternalId: '1.1' };
const call = {
  date: '2026-01-31 14:05:09',
  type: 'in',
  phone: '375291110001',
  code: '151',
  result: 'answered',
  duration: 60,
  durationWaiting: 10,
  externalId: '1.1',
};
const module = {
  code: 'trunkline',
  name: 'Trunkline',
  baseUrl: 'https://hub.example',
  logo: 'https://hub.example/logo.svg',
  clientId: 'opaque-client-id',
  integrations: {
    telephony: {
      makeCallUrl: 'https://hub.example/call',
      additionalCodes: [
        { userId: 16, code: '150' },
        { userId: 17, code: '151' },
      ],
    },
  },
};

const BLANK = 'This value should not be blank.';
const CHOICE = 'The value you selected is not a valid choice.';
const EXTRA = 'This form should not contain extra fields.';
const FORMAT = 'Errors in the entity format';

async function register({ crm }: World): Promise<void> {
  await crm(MODULE, { integrationModule: module });
}

describe('who may ask', () => {
  const wrongKey = { success: false, errorMsg: 'Wrong "apiKey" value.' };
  test.for([
    { what: 'a wrong key', options: { key: 'nope' }, status: 403, body: wrongKey },
    {
      what: "another account's key",
      options: { account: 'second' },
      status: 403,
      body: wrongKey,
    },
    {
      what: 'no key',
      options: { key: null },
      status: 400,
      body: { success: false, errorMsg: '"apiKey" is missing.' },
    },
    {
      what: 'an account that does not exist',
      options: { account: 'nobody' },
      status: 404,
      body: expect.stringMatching(/^<!DOCTYPE html>/),
    },
  ])('refuses $what', async ({ options, status, body }, { world }) => {
    expect(await world.crmGet(MANAGER, options)).toMatchObject({ status, body });
    expect(await world.crm(EVENT, { event }, options)).toMatchObject({ status, body });
  });

  test('takes the key as a parameter too', async ({ world }) => {
    const url = `${world.peers.url}/retailcrm/demo`;
    const inQuery = await ask(`${url}/api/credentials?apiKey=demo-key-0367`);
    const inBody = await ask(`${url}${MODULE}`, {
      method: 'POST',
      body: toForm({ apiKey: 'demo-key-0367', integrationModule: module }),
    });
    expect([inQuery.status, inBody.status]).toEqual([200, 200]);
  });

  test('a key without the right is denied, and says so in /api/credentials', async ({ world }) => {
    const limitedKey = { key: 'read-only-1111', scopes: ['telephony_read'] };
    await world.control('retailcrm/demo', { limitedKey });
    const key = limitedKey.key;

    expect((await world.crmGet(MANAGER, { key })).status).toBe(200);
    expect(await world.crm(EVENT, { event }, { key })).toMatchObject({
      status: 403,
      body: { success: false, errorMsg: 'Access denied.' },
    });
    expect((await world.crmGet('/api/credentials', { key })).body).toMatchObject({
      success: true,
      scopes: ['telephony_read'],
    });
  });

  test.for([
    '/api/v5/credentials',
    '/api/v5/telephony/calls',
    '/api/v4/telephony/manager?phone=1',
    EVENT,
  ])('GET %s is no method', async (path, { world }) => {
    const body = { success: false, errorMsg: 'API method not found' };
    expect(await world.crmGet(path)).toMatchObject({ status: 404, body });
  });
});

describe('how a body must be packed', () => {
  const headers = { 'x-api-key': 'demo-key-0367' };
  const json = { ...headers, 'content-type': 'application/json' };
  const missing = "Parameter 'event' is missing";
  const nested = 'Input value "event" contains a non-scalar value';

  test.for([
    {
      what: 'JSON',
      init: { headers: json, body: JSON.stringify({ event }) },
      errorMsg: missing,
    },
    { what: 'nothing', init: { headers }, errorMsg: missing },
    {
      what: 'another field',
      init: { headers, body: toForm({ calls: [call] }) },
      errorMsg: missing,
    },
    {
      what: 'nested fields',
      init: { headers, body: new URLSearchParams({ 'event[phone]': '1', 'event[type]': 'in' }) },
      errorMsg: nested,
    },
    {
      what: 'text that is not JSON',
      init: { headers, body: new URLSearchParams({ event: '[object Object]' }) },
      errorMsg: FORMAT,
    },
  ])('refuses $what', async ({ init, errorMsg }, { world }) => {
    await register(world);
    const answer = await ask(`${world.peers.url}/retailcrm/demo${EVENT}`, {
      method: 'POST',
      ...init,
    });
    expect(answer).toMatchObject({ status: 400, body: { success: false, errorMsg } });
  });

  test('takes multipart', async ({ world }) => {
    await register(world);
    const body = new FormData();
    body.set('event', JSON.stringify(event));
    const url = `${world.peers.url}/retailcrm/demo${EVENT}`;
    expect((await ask(url, { method: 'POST', headers, body })).body).toEqual({ success: true });
  });
});

describe('call/event', () => {
  test.for<[string, object, Record<string, string>]>([
    ['no phone', { phone: undefined }, { phone: BLANK }],
    ['an empty phone', { phone: '' }, { phone: BLANK }],
    ['no type', { type: undefined }, { type: BLANK }],
    ['an invented type', { type: 'bridge' }, { type: CHOICE }],
    ['no codes', { codes: undefined }, { codes: BLANK }],
    ['empty codes', { codes: [] }, { codes: BLANK }],
    [
      'codes that are numbers',
      { codes: [151] },
      { 'codes.0': 'This value should be of type string.' },
    ],
    [
      "the upload's spelling",
      { type: 'hangup', hangupStatus: 'no answer' },
      { hangupStatus: CHOICE },
    ],
    ['an unknown field', { uniqueId: '1' }, { uniqueId: EXTRA }],
  ])('refuses %s', async ([, change, errors], { world }) => {
    await register(world);
    const answer = await world.crm(EVENT, { event: { ...event, ...change } });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ success: false, errorMsg: FORMAT, errors });
    expect(world.peers.retailcrm.account('demo').popups.size).toBe(0);
  });

  test.for(['answered', 'busy', 'cancel', 'failed', 'no answered'])(
    'takes hangupStatus %s',
    async (hangupStatus, { world }) => {
      await register(world);
      const answer = await world.crm(EVENT, { event: { ...event, type: 'hangup', hangupStatus } });
      expect(answer.body).toEqual({ success: true });
    },
  );

  test('is refused with 200 and the text "false" until a telephony module is active', async ({
    world,
  }) => {
    const body = { success: 'false', errorMsg: 'Telephony not enabled' };
    expect(await world.crm(EVENT, { event })).toMatchObject({ status: 200, body });
    await register(world);
    expect((await world.crm(EVENT, { event })).body).toEqual({ success: true });
    await world.crm(MODULE, { integrationModule: { ...module, active: false } });
    expect(await world.crm(EVENT, { event })).toMatchObject({ status: 200, body });
  });

  test('names codes and users that do not exist, and shows the card to the rest', async ({
    world,
  }) => {
    await register(world);
    const { body } = await world.crm(EVENT, {
      event: { ...event, codes: ['150', '999'], userIds: [17, 77] },
    });
    expect(body).toEqual({ success: true, notExistCodes: ['999'], notExistUsers: [77] });
    const [popup] = world.peers.retailcrm.account('demo').popups.values();
    expect(popup).toMatchObject({ codes: ['150'], userIds: [17] });
  });

  test('counts a repeated pop-up, and tells it from a second round', async ({ world }) => {
    await register(world);
    await world.crm(EVENT, { event });
    await world.crm(EVENT, { event });
    await world.crm(EVENT, { event: { ...event, codes: ['150'] } });
    await world.crm(EVENT, { event: { ...event, type: 'hangup', hangupStatus: 'answered' } });

    const { body } = await world.control('retailcrm/demo');
    expect(body).toMatchObject({
      counts: { popups: 2, popupRequests: 4, popupRepeats: 1 },
      popups: [
        { callExternalId: '1.1', type: 'in', count: 3, repeats: 1, codes: ['151', '150'] },
        { callExternalId: '1.1', type: 'hangup', count: 1, hangupStatus: 'answered' },
      ],
    });
  });
});

describe('calls/upload', () => {
  test.for<[string, object, string]>([
    [
      'an offset in the date',
      { date: '2026-01-31T14:05:09+03:00' },
      '0.date: This value is not a valid datetime.',
    ],
    [
      'a day that does not exist',
      { date: '2026-02-30 14:05:09' },
      '0.date: This value is not a valid datetime.',
    ],
    ['no date', { date: undefined }, `0.date: ${BLANK}`],
    ['no type', { type: undefined }, `0.type: ${BLANK}`],
    ['an internal call', { type: 'internal' }, `0.type: ${CHOICE}`],
    ['no phone', { phone: undefined }, `0.phone: ${BLANK}`],
    ['no result', { result: undefined }, `0.result: ${BLANK}`],
    ["the event's spelling", { result: 'no answered' }, `0.result: ${CHOICE}`],
    ['cancel', { result: 'cancel' }, `0.result: ${CHOICE}`],
    ['a duration in text', { duration: '60' }, '0.duration: This value should be of type int.'],
    ['a negative duration', { duration: -1 }, '0.duration: This value should be 0 or more.'],
    ['an unknown field', { callExternalId: '1' }, `0.callExternalId: ${EXTRA}`],
    [
      'a recording that is no link',
      { recordUrl: '/r/1' },
      '0.recordUrl: This value is not a valid URL.',
    ],
  ])('refuses %s', async ([, change, error], { world }) => {
    await register(world);
    const answer = await world.crm(UPLOAD, { calls: [{ ...call, ...change }] });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ success: false, errorMsg: FORMAT, errors: [error] });
    expect(world.peers.retailcrm.account('demo').journal.size).toBe(0);
  });

  test.for([
    { what: 'an object', calls: call, error: 'This value should be of type array.' },
    { what: 'an empty array', calls: [], error: BLANK },
    {
      what: '51 calls',
      calls: Array.from({ length: 51 }, (_, index) => ({ ...call, externalId: `${index}` })),
      error: 'This collection should contain 50 elements or less.',
    },
  ])('refuses $what', async ({ calls, error }, { world }) => {
    await register(world);
    const { body } = await world.crm(UPLOAD, { calls });
    expect(body).toEqual({ success: false, errorMsg: FORMAT, errors: [error] });
  });

  test('takes 50 calls, and missed ones without an owner', async ({ world }) => {
    await register(world);
    const missed = { ...call, code: undefined, result: 'no answer', duration: 0 };
    const calls = Array.from({ length: 50 }, (_, index) => ({ ...missed, externalId: `${index}` }));
    const { body } = await world.crm(UPLOAD, { calls });
    expect(body).toEqual({ success: true, processedCallsCount: 50, duplicateCalls: [] });
  });

  test('needs telephony', async ({ world }) => {
    const errorMsg = 'Telephony not enabled or not supports calls upload';
    const answer = await world.crm(UPLOAD, { calls: [call] });
    expect(answer).toMatchObject({ status: 200, body: { success: 'false', errorMsg } });
  });

  test.for([
    { repeatedUpload: 'adds_record', recordUrl: 'https://hub.example/r/1' },
    { repeatedUpload: 'ignored', recordUrl: undefined },
  ])(
    'stores a call once; a repetition: $repeatedUpload',
    async ({ repeatedUpload, recordUrl }, { world }) => {
      await register(world);
      await world.control('retailcrm/demo', { repeatedUpload });
      await world.crm(UPLOAD, { calls: [call] });
      const { body } = await world.crm(UPLOAD, {
        calls: [{ ...call, recordUrl: 'https://hub.example/r/1' }],
      });
      expect(body).toEqual({ success: true, processedCallsCount: 0, duplicateCalls: ['1.1'] });
      const account = world.peers.retailcrm.account('demo');
      expect(account.journal.get('1.1')?.recordUrl).toBe(recordUrl);
      expect((await world.control('retailcrm/demo')).body).toMatchObject({
        counts: { journal: 1, uploads: 2, duplicates: 1 },
      });
    },
  );
});

describe('integration-modules', () => {
  test.for<[string, object, Record<string, string>]>([
    ['a PNG logo', { logo: 'https://hub.example/logo.png' }, { logo: 'Logo image must be svg' }],
    ['a blank baseUrl', { baseUrl: '' }, { baseUrl: BLANK }],
    ['no baseUrl', { baseUrl: undefined }, { baseUrl: BLANK }],
    ['actions of its own', { actions: { call: '/x' } }, { 'actions.call': EXTRA }],
  ])('refuses %s', async ([, change, errors], { world }) => {
    const answer = await world.crm(MODULE, { integrationModule: { ...module, ...change } });
    const body = { success: false, errorMsg: 'Validation error', errors };
    expect(answer).toMatchObject({ status: 400, body });
  });

  test('reads back what was saved', async ({ world }) => {
    await register(world);
    const { body } = await world.crmGet('/api/v5/integration-modules/trunkline');
    expect(body).toMatchObject({ success: true, integrationModule: { ...module, active: true } });
    expect((await world.crmGet('/api/v5/integration-modules/other')).status).toBe(404);
  });

  test('sent again without additionalCodes, it takes every extension away', async ({ world }) => {
    await register(world);
    const { additionalCodes: _, ...telephony } = module.integrations.telephony;
    await world.crm(MODULE, { integrationModule: { ...module, integrations: { telephony } } });
    const { body } = await world.crm(EVENT, { event });
    expect(body).toEqual({ success: true, notExistCodes: ['151'] });
  });
});
