import { describe, expect, test } from 'vitest';

import { NUMBER, useDatabase } from '../support/database.ts';
import { useWorld } from './world.ts';

const { db } = useDatabase();
const world = useWorld(db);

const tryOut = (body: unknown, type = 'retailcrm') => world.post(`integrations/${type}/test`, body);
const pause = () => db`
  insert into integration_states (enterprise_number, integration_type, paused_at, pause_reason)
  values (${NUMBER}, 'retailcrm', now(), 'Ключ API неверный')`;
const isPaused = async () => {
  const [row] = await db`select paused_at from integration_states`;
  return row?.['pausedAt'] !== null;
};

/** As every simulated RetailCRM begins. */
const DEMO_USERS = [
  { id: 16, firstName: 'Анна', code: '150' },
  { id: 17, firstName: 'Борис', code: '151' },
  { id: 18, firstName: 'Вера', code: '152' },
];

describe('a test', () => {
  test('of the stored settings: the CRM is told of us, and what was parked goes out in order', async () => {
    await pause();
    const { ids, uniqueId } = await world.owe([
      { step: 'bridge', state: 'parked' },
      { step: 'hangup', state: 'parked' },
    ]);
    const { status, json } = await tryOut({});
    expect(status).toBe(200);
    expect(json).toEqual({ ok: true, resumed: 1, took_ms: expect.any(Number) });
    expect(await isPaused()).toBe(false);
    await db`update deliveries set due_at = now()`;
    expect(await world.work()).toEqual(ids);
    expect((await world.retailcrm()).journal).toMatchObject([{ externalId: uniqueId }]);
    expect(await db`select event_type, status from integration_logs order by id limit 2`).toEqual([
      { eventType: 'test', status: 'success' },
      { eventType: 'register', status: 'success' },
    ]);
  });

  test('without a body is one of the stored settings', async () => {
    expect((await tryOut('')).json).toMatchObject({ ok: true, resumed: 0 });
  });

  test('that fails says why and what to do, and lets nothing go on', async () => {
    await pause();
    await world.control('retailcrm/demo', { key: 'another-key' });
    const { status, json } = await tryOut({});
    expect(status).toBe(200);
    expect(json).toEqual({
      ok: false,
      problem: 'Ключ API неверный',
      hint: expect.stringContaining('ключ API'),
      took_ms: expect.any(Number),
    });
    expect(await isPaused()).toBe(true);
  });

  test('of settings that are not saved saves nothing and lets nothing go on', async () => {
    await pause();
    await world.control('retailcrm/demo', { key: 'another-key' });
    const { json } = await tryOut({ api_key: 'another-key' });
    expect(json).toEqual({ ok: true, took_ms: expect.any(Number) });
    expect(await isPaused()).toBe(true);
    expect((await world.stored())['retailcrm']?.['api_key']).toBe('demo-key-0367');
    expect(await db`select 1 from integration_logs`).toEqual([]);
  });

  test('with what the form was given: masks mean the stored secrets', async () => {
    const { json: shown } = await world.get('integrations/config');
    const { retailcrm } = shown as { retailcrm: object };
    expect((await tryOut(retailcrm)).json).toMatchObject({ ok: true, resumed: 0 });
  });

  test('before anything was saved', async () => {
    await db`update enterprises set integrations_config = '{}' where number = ${NUMBER}`;
    expect((await tryOut({})).json).toMatchObject({
      ok: false,
      problem: 'Заполнены не все настройки',
    });
    const entered = { api_url: world.crmUrl(), api_key: 'demo-key-0367' };
    expect((await tryOut(entered)).json).toEqual({ ok: true, took_ms: expect.any(Number) });
  });

  test('of an integration that is off lets nothing go on', async () => {
    await world.post('integrations/config', { retailcrm: { enabled: false } });
    await pause();
    expect((await tryOut({})).json).toEqual({ ok: true, took_ms: expect.any(Number) });
    expect(await isPaused()).toBe(true);
  });

  test('of a value that cannot be is refused by its path', async () => {
    const { status, json } = await tryOut({ api_key: 'два слова' });
    expect(status).toBe(422);
    expect(json).toMatchObject({ errors: [{ path: 'retailcrm.api_key' }] });
  });

  test('of an unknown kind is refused', async () => {
    expect((await tryOut({}, 'hubspot')).status).toBe(422);
  });

  test('of a webhook posts to its address', async () => {
    const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    const sent: string[] = [];
    const send = async ({ url }: { url: string }) => {
      sent.push(url);
      return { status: 204, headers: {}, text: '' };
    };
    const body = { url: 'https://hooks.example.com/calls', secret };
    const { json } = await world.post('integrations/webhook/test', body, { send });
    expect(json).toEqual({ ok: true, took_ms: expect.any(Number) });
    expect(sent).toEqual(['https://hooks.example.com/calls']);
  });
});

test('a test of unsaved tokens never uses up the refresh token', async () => {
  const { url } = { url: world.url() };
  await world.control('amocrm/demo/expire', {});
  const settings = {
    subdomain: `${url}/amocrm/demo`,
    client_id: 'demo-amocrm-client-0367',
    client_secret: 'demo-amocrm-secret-0367',
    access_token: 'demo-amocrm-access-0367',
    refresh_token: 'demo-amocrm-refresh-0367',
    redirect_uri: 'https://hub.example/amocrm',
  };
  const { json } = await world.post('integrations/amocrm/test', settings);
  expect(json).toMatchObject({ ok: false, problem: expect.stringContaining('Срок доступа истёк') });
  expect(await world.control('amocrm/demo')).toMatchObject({ rotations: [] });
});

describe("the CRM's people", () => {
  test('as the CRM names them', async () => {
    const send = async () => ({
      status: 200,
      headers: {},
      text: JSON.stringify({
        result: [{ ID: '7', NAME: 'Анна', LAST_NAME: 'К', UF_PHONE_INNER: '150', ACTIVE: true }],
      }),
    });
    const bitrix24 = {
      enabled: false,
      webhook_url: 'https://b24.example.com/rest/1/abcdefgh/',
      user_id: '1',
    };
    await world.post('integrations/config', { bitrix24 });
    const path = `/enterprise/${NUMBER}/integrations/bitrix24/users`;
    const { status, json } = await world.ask({ path }, { send });
    expect(status).toBe(200);
    expect(json).toMatchObject({ supported: true, next_cursor: null });
    expect(JSON.stringify(json)).toContain('150');
  });

  test('of RetailCRM are its active users, page by page', async () => {
    const people = Array.from({ length: 130 }, (_, index) => ({
      id: index + 1,
      firstName: `Имя ${index + 1}`,
      lastName: 'Ф',
      active: index !== 5,
    }));
    await world.control('retailcrm/demo', { users: people });
    const { status, json } = await world.get('integrations/retailcrm/users');
    const { items, ...rest } = json as { items: { id: string; name: string }[] };
    expect(status).toBe(200);
    expect(rest).toEqual({ supported: true, next_cursor: null });
    expect(items).toHaveLength(129);
    expect(items[0]).toEqual({ id: '1', name: 'Имя 1 Ф', extension: null });
    expect(items.map(({ id }) => id)).not.toContain('6');
    expect(items.at(-1)?.id).toBe('130');
    await world.control('retailcrm/demo', { users: DEMO_USERS });
  });

  test('not where the integration has no list of them', async () => {
    const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    await world.post('integrations/config', {
      webhook: { url: 'https://hooks.example.com/', secret },
    });
    expect(await world.get('integrations/webhook/users')).toMatchObject({
      status: 200,
      json: { items: [], next_cursor: null, supported: false },
    });
  });

  test('when the CRM refuses, its reason in plain words', async () => {
    const bitrix24 = {
      enabled: false,
      webhook_url: 'https://b24.example.com/rest/1/abcdefgh/',
      user_id: '1',
    };
    await world.post('integrations/config', { bitrix24 });
    const send = async () => ({
      status: 401,
      headers: {},
      text: JSON.stringify({ error: 'INVALID_CREDENTIALS', error_description: 'Invalid' }),
    });
    const path = `/enterprise/${NUMBER}/integrations/bitrix24/users`;
    expect(await world.ask({ path }, { send })).toMatchObject({
      status: 502,
      json: { detail: expect.stringContaining('Вебхук Bitrix24'), request_id: 'r1' },
    });
  });

  test('of an integration that is not configured are refused', async () => {
    expect((await world.get('integrations/amocrm/users')).status).toBe(422);
  });
});

describe('the map of extensions', () => {
  const items = [
    { extension: '150', crm_user_id: '16', crm_user_name: 'Анна' },
    { extension: '151', crm_user_id: '17', crm_user_name: null },
  ];
  const path = 'integrations/retailcrm/mapping';
  const codes = async () => {
    const { modules } = await world.retailcrm();
    return modules.map(({ integrations }) => integrations) as unknown as [
      { telephony: { additionalCodes: unknown } },
    ];
  };

  test('is replaced as a whole, read back, and told to a CRM that keeps it', async () => {
    expect(await world.put(path, { items })).toMatchObject({
      status: 200,
      json: { items, warning: null },
    });
    expect((await world.get(path)).json).toEqual({ items, next_cursor: null });
    expect((await codes())[0].telephony.additionalCodes).toEqual([
      { userId: 16, code: '150' },
      { userId: 17, code: '151' },
    ]);
    await world.put(path, { items: [] });
    expect((await world.get(path)).json).toEqual({ items: [], next_cursor: null });
    expect((await codes())[0].telephony.additionalCodes).toEqual([]);
  });

  test('is taken over from a CRM that is connected for the first time', async () => {
    await world.control('retailcrm/demo', { users: DEMO_USERS });
    const off = { retailcrm: { enabled: false } };
    await db`update enterprises set integrations_config = integrations_config || ${db.json(off)}`;
    const saved = await world.post('integrations/config', {
      retailcrm: { enabled: true, api_url: world.crmUrl(), api_key: 'demo-key-0367' },
    });
    expect(saved).toMatchObject({ status: 200, json: { warnings: [] } });
    const { json } = await world.get(path);
    expect(json).toMatchObject({
      items: [
        { extension: '150', crm_user_id: '16', crm_user_name: 'Анна' },
        { extension: '151', crm_user_id: '17' },
        { extension: '152', crm_user_id: '18' },
      ],
    });
    expect((await codes())[0].telephony.additionalCodes).toHaveLength(3);
  });

  test('is kept although the CRM does not take it, with a warning', async () => {
    await world.control('retailcrm/demo', { key: 'another-key' });
    expect((await world.put(path, { items })).json).toMatchObject({
      items,
      warning: 'Ключ API неверный',
    });
    expect((await world.get(path)).json).toMatchObject({ items });
  });

  test('of one integration is not that of another', async () => {
    await world.put(path, { items });
    expect((await world.get('integrations/amocrm/mapping')).json).toMatchObject({ items: [] });
  });

  test.each([
    ['an extension twice', [items[0], items[0]]],
    ['an extension that is none', [{ extension: 'a', crm_user_id: '1' }]],
    ['nobody', [{ extension: '150', crm_user_id: ' ' }]],
  ])('with %s is refused', async (_what, wrong) => {
    expect((await world.put(path, { items: wrong })).status).toBe(422);
  });
});
