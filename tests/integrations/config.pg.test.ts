import { beforeEach, describe, expect, test } from 'vitest';

import { hashToken } from '../../shared/auth/tokens.ts';
import { INTEGRATION_TYPES } from '../../shared/crm/crm.schema.ts';
import { NUMBER, useDatabase } from '../support/database.ts';
import { useWorld } from './world.ts';

const { db } = useDatabase();
const world = useWorld(db);

const CONFIG = 'integrations/config';
const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const WEBHOOK = { enabled: true, url: 'https://hooks.example.com/calls', secret: SECRET };

const read = async () => (await world.get(CONFIG)).json as Record<string, Record<string, unknown>>;
const save = (body: unknown) => world.post(CONFIG, body);
const version = async () => {
  const [row] = await db`select config_version from enterprises where number = ${NUMBER}`;
  return Number(row?.['configVersion']);
};
const nothing = () =>
  db`update enterprises set integrations_config = '{}', client_id_hash = null where number = ${NUMBER}`;
const errorsOf = (json: unknown) =>
  (json as { errors: { path: string; message: string }[] }).errors.map(({ path }) => path);

describe('reading', () => {
  test('nothing is {}', async () => {
    await nothing();
    expect(await world.get(CONFIG)).toMatchObject({ status: 200, json: {} });
    expect(await read()).toEqual({});
  });

  test('secrets are masked', async () => {
    expect(await read()).toEqual({
      retailcrm: {
        enabled: true,
        api_url: world.crmUrl(),
        api_key: '••••0367',
        client_id: '••••0367',
      },
    });
  });

  test('of an address that is a secret only the end is masked', async () => {
    const webhook_url = `${world.url()}/bitrix24/demo/rest/1/abcdefghijklmnop/`;
    await save({ bitrix24: { enabled: false, webhook_url, user_id: '1' } });
    const { bitrix24 } = await read();
    expect(bitrix24?.['webhook_url']).toBe(`${world.url()}/bitrix24/demo/rest/1/••••mnop/`);
    expect((await world.stored())['bitrix24']?.['webhook_url']).toBe(webhook_url);
  });

  test('the view of the admin has every kind, with its state and its form', async () => {
    await save({ webhook: WEBHOOK });
    const { json, text } = await world.get(CONFIG, { view: 'admin' });
    const { integrations } = json as { integrations: Record<string, unknown>[] };
    expect(integrations.map(({ type }) => type)).toEqual([...INTEGRATION_TYPES]);
    expect(integrations.find(({ type }) => type === 'webhook')).toEqual({
      type: 'webhook',
      title: 'Webhook',
      state: 'active',
      reason: null,
      since: null,
      settings: { ...WEBHOOK, secret: expect.stringMatching(/^••••/) },
      fields: [
        expect.objectContaining({ name: 'url', kind: 'url', required: true }),
        expect.objectContaining({ name: 'secret', kind: 'secret', required: true }),
        expect.objectContaining({
          name: 'events',
          kind: 'choices',
          required: false,
          options: [
            'call.ringing',
            'call.answered',
            'call.ended',
            'call.recording',
            'chat.created',
            'chat.accepted',
            'chat.message',
            'chat.closed',
          ],
        }),
        expect.objectContaining({
          name: 'direct_link_hours',
          kind: 'number',
          required: false,
          minimum: 1,
          maximum: 168,
        }),
      ],
    });
    expect(integrations.find(({ type }) => type === 'amocrm')).toMatchObject({
      state: 'off',
      settings: { enabled: false },
    });
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain('demo-key-0367');
  });

  test('a number that is nobody is not found', async () => {
    const asked = { path: `/enterprise/9999/${CONFIG}` };
    expect(await world.asSuperadmin(asked)).toMatchObject({ status: 404 });
  });
});

describe('saving', () => {
  test('changes count: the version grows with each, and not without one', async () => {
    const before = await version();
    const first = await save({ webhook: WEBHOOK });
    expect(first).toMatchObject({
      status: 200,
      json: { success: true, config_version: before + 1 },
    });
    const second = await save({ webhook: WEBHOOK });
    expect(second.json).toMatchObject({ config_version: before + 1 });
    expect(await version()).toBe(before + 1);
  });

  test('what is not named stays, null removes', async () => {
    await save({ webhook: WEBHOOK });
    await save({ webhook: { enabled: false } });
    expect(await world.stored()).toMatchObject({
      retailcrm: { api_key: 'demo-key-0367' },
      webhook: { ...WEBHOOK, enabled: false },
    });
    await save({ webhook: null });
    expect(Object.keys(await world.stored())).toEqual(['retailcrm']);
    await save({ retailcrm: null });
    expect(await read()).toEqual({});
  });

  test('a setting that is null or empty is removed', async () => {
    await save({ webhook: { ...WEBHOOK, direct_link_hours: 24 } });
    await save({ webhook: { direct_link_hours: null, secret: '' } });
    const { webhook } = await world.stored();
    expect(webhook).not.toHaveProperty('direct_link_hours');
    expect(webhook).not.toHaveProperty('secret');
  });

  test('what was read may be sent back as it is', async () => {
    const webhook_url = `${world.url()}/bitrix24/demo/rest/1/abcdefghijklmnop/`;
    await save({ webhook: WEBHOOK, bitrix24: { enabled: false, webhook_url, user_id: '1' } });
    const [before, shown, number] = [await world.stored(), await read(), await version()];
    expect(await save(shown)).toMatchObject({ status: 200, json: { warnings: [] } });
    expect(await world.stored()).toEqual(before);
    expect(await version()).toBe(number);
  });

  test('the mask of a token that was renewed meanwhile keeps the new one', async () => {
    await save({ retailcrm: { api_key: '••••9999' } });
    expect((await world.stored())['retailcrm']?.['api_key']).toBe('demo-key-0367');
  });

  test.each([
    ['a mask of nothing', { webhook: { secret: '••••1234' } }, 'webhook.secret'],
    [
      'the mask of an address at another address',
      { bitrix24: { webhook_url: 'https://evil.example.com/rest/1/••••mnop/' } },
      'bitrix24.webhook_url',
    ],
    ['a value that is malformed', { retailcrm: { api_key: 'два слова' } }, 'retailcrm.api_key'],
    ['a value of another type', { webhook: { events: 'call.ended' } }, 'webhook.events'],
    ['a part of a value', { webhook: { events: ['call.ended', 'call.x'] } }, 'webhook.events.1'],
    ['a switch that is none', { webhook: { enabled: 'yes' } }, 'webhook.enabled'],
    [
      'links that live too long',
      { retailcrm: { direct_link_hours: 169 } },
      'retailcrm.direct_link_hours',
    ],
    [
      'a key that looks sealed, which we could never open',
      { retailcrm: { api_key: `v1:${'A'.repeat(60)}` } },
      'retailcrm.api_key',
    ],
    ['an unknown kind of integration', { hubspot: { enabled: true } }, 'hubspot'],
  ])('%s is refused by its path, and nothing is saved', async (_what, body, path) => {
    const webhook_url = `${world.url()}/bitrix24/demo/rest/1/abcdefghijklmnop/`;
    await save({ bitrix24: { enabled: false, webhook_url, user_id: '1' } });
    const [before, number] = [await world.stored(), await version()];
    const { status, json } = await save({ webhook: { enabled: true }, ...body });
    expect(status).toBe(422);
    expect(errorsOf(json)).toEqual([path]);
    expect(await world.stored()).toEqual(before);
    expect(await version()).toBe(number);
  });

  test('an unknown setting is dropped with a warning', async () => {
    const { json } = await save({ webhook: { ...WEBHOOK, colour: 'red' } });
    expect(json).toMatchObject({ success: true, warnings: [{ path: 'webhook.colour' }] });
    expect((await world.stored())['webhook']).not.toHaveProperty('colour');
  });

  test('switched on before it is complete: saved, not configured, and nothing is owed', async () => {
    await nothing();
    const { status, json } = await save({ retailcrm: { enabled: true } });
    expect(status).toBe(200);
    expect(json).toMatchObject({ states: { retailcrm: { state: 'not_configured' } } });
    const completed = await save({
      retailcrm: { api_url: world.crmUrl(), api_key: 'demo-key-0367' },
    });
    expect(completed.json).toMatchObject({ states: { retailcrm: { state: 'active' } } });
  });

  test('any integration may ask for direct links', async () => {
    await save({ retailcrm: { direct_link_hours: 24 } });
    expect((await read())['retailcrm']).toMatchObject({ direct_link_hours: 24 });
  });

  test('every secret is sealed in the database', async () => {
    await save({ webhook: WEBHOOK });
    await save({ webhook: { secret: OTHER_SECRET } });
    const [row] =
      await db`select integrations_config::text as text from enterprises where number = ${NUMBER}`;
    for (const secret of [SECRET, OTHER_SECRET, 'demo-key-0367', 'client-0367']) {
      expect(row?.['text']).not.toContain(secret);
    }
  });
});

describe('addresses', () => {
  const rules = {
    addresses: {
      allowPrivate: false,
      lookup: async (host: string) => {
        if (host === 'inside.example.com') return ['198.51.100.1', '10.0.0.7'];
        if (host === 'gone.example.com') throw new Error('ENOTFOUND');
        return ['198.51.100.1'];
      },
    },
  };
  const saveStrictly = (body: unknown) => world.post(CONFIG, body, rules);
  const off = { enabled: false };

  test.each([
    ['http', { webhook: { ...off, url: 'http://hooks.example.com/' } }, 'webhook.url'],
    ['loopback', { retailcrm: { ...off, api_url: 'https://127.0.0.1/' } }, 'retailcrm.api_url'],
    [
      'loopback in another notation',
      { webhook: { ...off, url: 'https://0x7f.1/' } },
      'webhook.url',
    ],
    ['loopback of IPv6', { webhook: { ...off, url: 'https://[::1]/' } }, 'webhook.url'],
    ['a private range', { webhook: { ...off, url: 'https://192.168.1.1/' } }, 'webhook.url'],
    [
      'the metadata of the cloud',
      { webhook: { ...off, url: 'https://169.254.169.254/' } },
      'webhook.url',
    ],
    [
      'a name that leads inside',
      { webhook: { ...off, url: 'https://inside.example.com/' } },
      'webhook.url',
    ],
    [
      'an account that is a host inside',
      { amocrm: { ...off, subdomain: 'inside.example.com' } },
      'amocrm.subdomain',
    ],
    [
      'a webhook that leads inside',
      { bitrix24: { ...off, webhook_url: 'https://inside.example.com/rest/1/abcdefgh/' } },
      'bitrix24.webhook_url',
    ],
  ])('%s is refused', async (_what, body, path) => {
    const { status, json } = await saveStrictly(body);
    expect(status).toBe(422);
    expect(errorsOf(json)).toEqual([path]);
  });

  test.each([
    ['a public host', 'https://hooks.example.com/x'],
    ['a name nobody knows at the moment', 'https://gone.example.com/x'],
  ])('%s is taken', async (_what, url) => {
    expect(await saveStrictly({ webhook: { ...off, url } })).toMatchObject({ status: 200 });
  });
});

describe('what we keep ourselves', () => {
  beforeEach(nothing);
  const complete = () => ({ enabled: true, api_url: world.crmUrl(), api_key: 'demo-key-0367' });

  test('the id that RetailCRM names us by is made once, registered, and found by its hash', async () => {
    await save({ retailcrm: { ...complete(), client_id: 'mine' } });
    const clientId = String((await world.stored())['retailcrm']?.['client_id']);
    expect(clientId).toMatch(/^[\w-]{32}$/);
    const { modules } = await world.retailcrm();
    expect(modules).toMatchObject([{ clientId }]);
    const [row] =
      await db`select number from enterprises where client_id_hash = ${hashToken(clientId)}`;
    expect(row).toEqual({ number: NUMBER });

    await save({ retailcrm: { client_id: 'mine' } });
    expect((await world.stored())['retailcrm']?.['client_id']).toBe(clientId);
    await save({ retailcrm: null });
    const [left] = await db`select client_id_hash from enterprises where number = ${NUMBER}`;
    expect(left).toEqual({ clientIdHash: null });
  });

  test('a replaced secret goes on signing for a day, and is nobody else’s to set or see', async () => {
    await save({ webhook: { ...WEBHOOK, previous_secret: OTHER_SECRET } });
    expect((await world.stored())['webhook']).not.toHaveProperty('previous_secret');
    await save({ webhook: { secret: OTHER_SECRET } });
    const { webhook } = await world.stored();
    expect(webhook).toMatchObject({ secret: OTHER_SECRET, previous_secret: SECRET });
    const hours = (Date.parse(String(webhook?.['previous_secret_until'])) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
    expect(Object.keys((await read())['webhook'] ?? {})).toEqual(['enabled', 'url', 'secret']);
  });
});
