import { beforeEach, describe, expect, test } from 'vitest';

import { sealSecrets } from '../../shared/crm/config-copies.ts';
import { callbackRoutes } from '../../shared/integrations/callbacks.routes.ts';
import {
  nobodyOriginates,
  type Originate,
  type WantedCall,
} from '../../shared/integrations/callbacks.ts';
import { type Asked, createAsking } from '../auth/asking.ts';
import { NUMBER, secrets, useDatabase } from '../support/database.ts';
import { useWorld } from './world.ts';

const { db } = useDatabase();
const world = useWorld(db);

const wanted: WantedCall[] = [];
const placing: Originate = async (call) => {
  wanted.push(call);
  return { placed: true, originateId: 'o-1' };
};
const ask = (asked: Asked, originate: Originate = nobodyOriginates) =>
  createAsking(db, callbackRoutes({ db, secrets, originate }))(asked);
const requests = () => db`
  select enterprise_number, integration_type, kind, external_id, crm_user_id, extension, phone, line, status, outcome
  from crm_requests
  order by created_at, id`;

beforeEach(() => {
  wanted.length = 0;
});

describe('a click in RetailCRM', () => {
  const path = '/api/crm/retailcrm/make-call';
  const query = {
    clientId: '',
    code: '151',
    phone: '+375 (29) 111-00-01',
    userId: '17',
    externalPhone: '0001363',
  };

  beforeEach(async () => {
    await world.post('integrations/config', { retailcrm: { enabled: true } });
    query.clientId = 'client-0367';
  });

  test('while nothing can place a call: kept, and honestly refused', async () => {
    const { status, json } = await ask({ path, query });
    expect(status).toBe(503);
    expect(json).toEqual({ detail: expect.stringContaining('недоступен'), request_id: 'r1' });
    expect(await requests()).toEqual([
      {
        enterpriseNumber: NUMBER,
        integrationType: 'retailcrm',
        kind: 'call',
        externalId: null,
        crmUserId: '17',
        extension: '151',
        phone: '375291110001',
        line: '0001363',
        status: null,
        outcome: expect.stringContaining('недоступен'),
      },
    ]);
  });

  test.each<[string, Partial<Asked>]>([
    ['in the query', { query }],
    [
      'in a form',
      {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'clientId=client-0367&code=151&phone=%2B375291110001',
      },
    ],
    [
      'in JSON',
      { method: 'POST', body: { clientId: 'client-0367', code: 151, phone: '375291110001' } },
    ],
  ])('is placed where a call can be: fields %s', async (_where, asked) => {
    expect(await ask({ path, ...asked }, placing)).toMatchObject({
      status: 200,
      json: { success: true, originate_id: 'o-1' },
    });
    expect(wanted).toMatchObject([
      { enterpriseNumber: NUMBER, extension: '151', phone: '375291110001' },
    ]);
    expect(await requests()).toMatchObject([{ outcome: 'placed' }]);
  });

  test('the simulated RetailCRM finds its way here by what we registered', async () => {
    const { modules } = await world.retailcrm();
    expect(modules).toMatchObject([
      {
        clientId: 'client-0367',
        integrations: { telephony: { makeCallUrl: `https://calls.example.com${path}` } },
      },
    ]);
  });

  test.each([
    ['of nobody', { clientId: 'client-9999' }],
    ['without an id', { clientId: '' }],
    ['with more than the id', { clientId: 'client-0367'.repeat(2) }],
  ])('%s is refused before anything else is looked at', async (_what, change) => {
    expect(await ask({ path, query: { ...query, ...change, phone: '' } })).toMatchObject({
      status: 403,
      json: { detail: 'Доступ запрещен' },
    });
    expect(await requests()).toEqual([]);
  });

  test('of an integration that is off, or of an enterprise that is not served, is refused', async () => {
    await world.post('integrations/config', { retailcrm: { enabled: false } });
    expect((await ask({ path, query })).status).toBe(403);
    await world.post('integrations/config', { retailcrm: { enabled: true } });
    await db`update enterprises set active = false`;
    expect((await ask({ path, query })).status).toBe(403);
  });

  test.each([
    ['code', { code: '15a' }],
    ['phone', { phone: 'nobody' }],
  ])('with a wrong %s names it', async (field, change) => {
    const { status, json } = await ask({ path, query: { ...query, ...change } });
    expect(status).toBe(422);
    expect(json).toMatchObject({ errors: [{ path: field }] });
  });
});

test.each(['GET', 'POST'])('a status of a manager in RetailCRM is noted (%s)', async (method) => {
  await world.post('integrations/config', { retailcrm: { enabled: true } });
  const query = { clientId: 'client-0367', userId: '17', code: '151', status: 'busy' };
  const path = '/api/crm/retailcrm/user-status';
  expect(await ask({ method, path, query })).toMatchObject({
    status: 200,
    json: { success: true },
  });
  expect(await requests()).toMatchObject([
    { kind: 'user-status', crmUserId: '17', extension: '151', status: 'busy' },
  ]);
  expect((await ask({ method, path, query: { ...query, clientId: 'x' } })).status).toBe(403);
});

describe('an event of a Bitrix24 portal', () => {
  const TOKEN = 'portal-token-0367';
  const path = `/api/crm/bitrix24/${NUMBER}/events`;
  const form = {
    event: 'ONEXTERNALCALLSTART',
    'data[PHONE_NUMBER]': '+375291110001',
    'data[PHONE_NUMBER_INTERNATIONAL]': '+375291110001',
    'data[USER_ID]': '7',
    'data[CALL_ID]': 'externalCall.1',
    'data[LINE_NUMBER]': '7',
    ts: '1773236988',
    'auth[application_token]': TOKEN,
  };
  const event = (
    change: Partial<Record<keyof typeof form, string>> = {},
    originate?: Originate,
    to = path,
  ) => {
    const body = new URLSearchParams({ ...form, ...change }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return ask({ method: 'POST', path: to, headers, body }, originate);
  };

  beforeEach(async () => {
    const sealed = sealSecrets({ bitrix24: { enabled: true, application_token: TOKEN } }, secrets);
    await db`
      update enterprises
      set integrations_config = integrations_config || ${db.json(JSON.parse(JSON.stringify(sealed)))}
      where number = ${NUMBER}`;
    await db`
      insert into integration_users (enterprise_number, integration_type, extension, crm_user_id)
      values (${NUMBER}, 'bitrix24', '151', '7')`;
  });

  test('is kept with the extension of its user, and the call goes by the id it has in the portal', async () => {
    expect(await event({}, placing)).toMatchObject({ status: 200, json: { success: true } });
    expect(wanted).toMatchObject([
      { extension: '151', phone: '375291110001', externalId: 'externalCall.1', line: '7' },
    ]);
    expect(await requests()).toMatchObject([
      {
        integrationType: 'bitrix24',
        kind: 'call',
        externalId: 'externalCall.1',
        crmUserId: '7',
        extension: '151',
      },
    ]);
  });

  test('while nothing can place a call is honestly refused', async () => {
    expect((await event()).status).toBe(503);
  });

  test('with the same id within 30 seconds is ignored, afterwards it is another click', async () => {
    await event({}, placing);
    expect(await event({}, placing)).toMatchObject({
      status: 200,
      json: { success: true, duplicate: true },
    });
    await Promise.all([
      event({ 'data[CALL_ID]': 'c2' }, placing),
      event({ 'data[CALL_ID]': 'c2' }, placing),
    ]);
    expect(wanted).toHaveLength(2);
    await db`update crm_requests set created_at = now() - interval '31 seconds'`;
    await event({}, placing);
    expect(wanted).toHaveLength(3);
  });

  test('to call back is kept as one, without an id', async () => {
    const { 'data[CALL_ID]': _id, ...rest } = form;
    const body = new URLSearchParams({ ...rest, event: 'ONEXTERNALCALLBACKSTART' }).toString();
    await ask(
      {
        method: 'POST',
        path,
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      placing,
    );
    expect(await requests()).toMatchObject([{ kind: 'call-back', externalId: null }]);
  });

  test('of another kind is thanked for', async () => {
    expect((await event({ event: 'ONCRMLEADADD' })).status).toBe(200);
    expect(await requests()).toEqual([]);
  });

  test('without a number is refused by its path', async () => {
    const none = { 'data[PHONE_NUMBER]': '', 'data[PHONE_NUMBER_INTERNATIONAL]': '' };
    expect(await event(none)).toMatchObject({
      status: 422,
      json: { errors: [{ path: 'data[PHONE_NUMBER]' }] },
    });
  });

  test.each([
    ['a wrong token', () => event({ 'auth[application_token]': 'x' })],
    ['no token', () => event({ 'auth[application_token]': '' })],
    ["another enterprise's address", () => event({}, placing, '/api/crm/bitrix24/0368/events')],
    ['an address of nobody', () => event({}, placing, '/api/crm/bitrix24/9999/events')],
  ])('with %s is refused', async (_what, send) => {
    expect(await send()).toMatchObject({ status: 403 });
    expect(await requests()).toEqual([]);
  });

  test('is refused where no token was stored, even an empty one', async () => {
    const config = { bitrix24: { enabled: true, application_token: '' } };
    await db`update enterprises set integrations_config = ${db.json(config)} where number = ${NUMBER}`;
    expect((await event({ 'auth[application_token]': '' })).status).toBe(403);
  });
});
