import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { storeEvent } from '../../shared/calls/intake.sql.ts';
import { enterpriseRoutes } from '../../shared/enterprises/enterprises.routes.ts';
import { createAsking } from '../auth/asking.ts';
import { insertLogin, startSession } from '../auth/people.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { NUMBER, insertEnterprise, secrets, TOKEN, useDatabase } from '../support/database.ts';
import { looksLikeKey } from '../support/private-key.ts';

const { db } = useDatabase();
const BOT_TOKEN = '700000001:demo-telegram-token-0367';
const KEY = looksLikeKey('planted-private-key');
let peers: Peers;
let ask: ReturnType<typeof createAsking>;
let session = '';

beforeAll(async () => {
  peers = await startPeers({ port: 0 });
  ask = createAsking(
    db,
    enterpriseRoutes({ db, secrets, telegramApiUrl: `${peers.url}/telegram` }),
  );
  session = await startSession(db, await insertLogin(db, 'root'));
});
afterAll(() => peers.close());
beforeEach(async () => {
  await db`truncate enterprises, audit_log cascade`;
  await insertEnterprise(db);
});

const path = `/api/enterprises/${NUMBER}`;
const get = async () => (await ask({ path, session })).json;
const patch = (body: object) => ask({ method: 'PATCH', path, session, body });
const post = (what: string, body?: object) =>
  ask({ method: 'POST', path: `/api/enterprises${what}`, session, body });
const stored = async (number = NUMBER) => {
  const [row] = await db`select * from enterprises where number = ${number}`;
  return row ?? {};
};
const entries = async () =>
  db`select action, enterprise_number, changes from audit_log order by id`;

/** Whether a box that shows this token is let in. */
const takes = async (token: string): Promise<boolean> => {
  const event = {
    id: crypto.randomUUID(),
    token,
    kind: 'start',
    uniqueId: null,
    payload: {},
    raw: '',
  };
  const found = await storeEvent(db, { ...event, payloadHash: Buffer.from(event.id) });
  return found?.active === true;
};

const Made = z.object({ token: z.string(), secret: z.string() });

describe('making one', () => {
  test('shows its token and secret this once', async () => {
    const answer = await post('', { number: '0500', name: ' Ромашка ' });
    expect(answer.status).toBe(201);
    const { token, secret } = Made.parse(answer.json);
    expect(await takes(token)).toBe(true);
    expect(await stored('0500')).toMatchObject({
      name: 'Ромашка',
      secret,
      timezone: 'Europe/Minsk',
    });
    const shown = await ask({ path: '/api/enterprises/0500', session });
    expect(shown.text).not.toContain(token);
    expect(shown.text).not.toContain(secret);
    expect(JSON.stringify(await entries())).not.toMatch(new RegExp(`${token}|${secret}`));
    expect(await entries()).toMatchObject([
      { action: 'enterprise.create', enterpriseNumber: '0500' },
    ]);
  });

  test.each([
    ['its number', { number: NUMBER, name: 'x' }],
    ['its token', { number: '0501', name: 'x', token: TOKEN }],
    ['the other name of a token', { number: '0501', name: 'x', token: `alias-${NUMBER}` }],
  ])('is refused when %s is taken', async (_what, body) => {
    expect((await post('', body)).status).toBe(409);
    expect(await entries()).toEqual([]);
  });

  test.each([
    [{ name: 'x' }, 'number'],
    [{ number: '05 00', name: 'x' }, 'number'],
    [{ number: '0500', name: ' ' }, 'name'],
    [{ number: '0500', name: 'x', timezone: 'Europe/Nowhere' }, 'timezone'],
    [{ number: '0500', name: 'x', timezone: '+03:00' }, 'timezone'],
    [{ number: '0500', name: 'x', ip: '192.0.2' }, 'ip'],
    [{ number: '0500', name: 'x', ssh_port: 0 }, 'ssh_port'],
    [{ number: '0500', name: 'x', ssh_user: 'root; reboot' }, 'ssh_user'],
    [{ number: '0500', name: 'x', bot_token: 'token' }, 'bot_token'],
    [{ number: '0500', name: 'x', chat_id: '@chat' }, 'chat_id'],
    [{ number: '0500', name: 'x', ssh_key: 'ssh-ed25519 AAAA' }, 'ssh_key'],
  ])('%j is refused by its field', async (body, field) => {
    const answer = await post('', body);
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ errors: [{ path: field }] });
  });
});

describe('changing one', () => {
  test('changes what is named, and says what it was', async () => {
    const answer = await patch({ name: 'Июнь', chat_id: null, ssh_port: 5060 });
    expect(answer.json).toMatchObject({
      name: 'Июнь',
      chat_id: null,
      ssh_port: 5060,
      active: true,
    });
    expect(await get()).toEqual(answer.json);
    const [entry] = await entries();
    expect(entry?.['changes']).toEqual([
      { field: 'name', before: `name ${NUMBER}`, after: 'Июнь' },
      { field: 'ssh_port', before: null, after: 5060 },
      { field: 'chat_id', before: '-1000000000367', after: null },
    ]);
  });

  test('every field that is shown plainly comes back as it was sent', async () => {
    const body = {
      name: 'a',
      ip: '192.0.2.19',
      host: 'box.example.com',
      ssh_port: 22,
      ssh_user: 'trunkline',
      chat_id: '-1',
      timezone: 'Asia/Tbilisi',
      active: false,
      is_enabled: false,
      parameter_option_1: false,
      parameter_option_2: false,
      parameter_option_3: false,
      parameter_option_4: true,
      parameter_option_5: false,
      custom_domain: 'calls.example.com',
      custom_port: 8443,
      scheme_count: 2,
      gsm_line_count: 3,
    };
    expect((await patch(body)).json).toMatchObject(body);
    expect(await get()).toMatchObject(body);
  });

  test.each([
    ['ssh_key', KEY, 'key', `${KEY}\n`],
    ['ssh_password', 'planted-password', 'password', 'planted-password'],
  ])('%s goes in sealed and does not come out', async (field, value, kind, opened) => {
    const answer = await patch({ [field]: value });
    expect(answer.json).toMatchObject({ ssh_credentials: kind });
    expect(answer.text).not.toContain('planted');
    const { sshCredentials } = await stored();
    expect(sshCredentials).not.toContain('planted');
    expect(secrets.open(String(sshCredentials))).toBe(opened);
    expect(await entries()).toMatchObject([
      { changes: [{ field: 'ssh_credentials', before: null, after: '••••' }] },
    ]);
    expect((await patch({ [field]: null })).json).toMatchObject({ ssh_credentials: null });
  });

  test('a new bot lets a chat go on that refused the old one; the token is masked', async () => {
    await db`update enterprises set telegram_paused_reason = 'bot was kicked'`;
    const answer = await patch({ bot_token: '700000002:planted-bot-token-000000' });
    expect(answer.json).toMatchObject({ bot_token: '••••0000', telegram_paused_reason: null });
    expect(secrets.open(String((await stored())['botToken']))).toContain('planted');
    expect(JSON.stringify(await entries())).not.toContain('planted');
  });

  test('nothing named changes nothing but is no error', async () => {
    expect((await patch({})).status).toBe(200);
    expect(await entries()).toMatchObject([{ changes: [] }]);
  });
});

describe('rotating', () => {
  test('the token: the old one works for seven days more', async () => {
    const { json } = await post(`/${NUMBER}/rotate-token`);
    const { token, previous_token_until } = z
      .object({ token: z.string(), previous_token_until: z.coerce.date() })
      .parse(json);
    const days = (+previous_token_until - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.99);
    expect(days).toBeLessThanOrEqual(7);
    expect([await takes(token), await takes(TOKEN)]).toEqual([true, true]);
    await db`update enterprises set previous_token_until = now() - interval '1 second'`;
    expect([await takes(token), await takes(TOKEN)]).toEqual([true, false]);
    expect(JSON.stringify(await entries())).not.toContain(token);
  });

  test('the secret: the old one ends at once', async () => {
    const { json } = await post(`/${NUMBER}/rotate-secret`);
    const { secret } = z.object({ secret: z.string() }).parse(json);
    expect((await stored())['secret']).toBe(secret);
    expect(secret).not.toBe(`secret-${NUMBER}`);
    expect(JSON.stringify(await entries())).not.toContain(secret);
  });
});

test('deleting deactivates: boxes and admins are turned away, the rows stay', async () => {
  const admin = await startSession(db, await insertLogin(db, 'june', NUMBER));
  const me = async () => (await createAsking(db)({ path: '/api/auth/me', session: admin })).status;
  expect(await me()).toBe(200);
  expect((await ask({ method: 'DELETE', path, session })).json).toEqual({ success: true });
  expect(await me()).toBe(401);
  expect(await takes(TOKEN)).toBe(false);
  expect(await get()).toMatchObject({ active: false });
  expect(await entries()).toMatchObject([
    { action: 'enterprise.deactivate', changes: [{ field: 'active', before: true, after: false }] },
  ]);
  await patch({ active: true });
  expect(await me()).toBe(200);
});

describe('the list', () => {
  const Page = z.object({
    items: z.array(z.object({ number: z.string() })),
    next_cursor: z.string().nullable(),
  });
  const numbers = async (query: Record<string, string>) => {
    const page = Page.parse((await ask({ path: '/api/enterprises', query, session })).json);
    return [page.items.map(({ number }) => number), page.next_cursor] as const;
  };
  beforeEach(async () => {
    for (const number of ['0100', '0200', '0300'])
      await post('', { number, name: `50%_${number}` });
    await ask({ method: 'DELETE', path: '/api/enterprises/0200', session });
  });

  test('page by page', async () => {
    const [first, cursor] = await numbers({ limit: '3' });
    const [second, end] = await numbers({ limit: '3', cursor: cursor ?? '' });
    expect([first, second, end]).toEqual([['0100', '0200', '0300'], [NUMBER], null]);
  });

  test.each<[Record<string, string>, string[]]>([
    [{ search: '0%_02' }, ['0200']],
    [{ search: 'NAME' }, [NUMBER]],
    [{ active: 'false' }, ['0200']],
    [{ active: 'true', search: '50%' }, ['0100', '0300']],
    [{ search: '%%' }, []],
  ])('%j', async (query, found) => {
    expect((await numbers(query))[0]).toEqual(found);
  });
});

describe('a test message', () => {
  const send = async (body?: object) => (await post(`/${NUMBER}/test-message`, body)).json;

  test('reaches the chat by the stored bot', async () => {
    expect(await send()).toMatchObject({ ok: true, problem: null });
    const { messages } = peers.telegram.chat(-1_000_000_000_367);
    expect(messages.at(-1)?.text).toContain('Проверка связи');
  });

  test('ends a pause when it arrives by the stored settings, and only then', async () => {
    await db`update enterprises set telegram_paused_reason = 'bot was kicked'`;
    await send({ bot_token: BOT_TOKEN });
    expect(await get()).toMatchObject({ telegram_paused_reason: 'bot was kicked' });
    await send();
    expect(await get()).toMatchObject({ telegram_paused_reason: null });
    expect(await entries()).toMatchObject([{ action: 'enterprise.telegram_resume' }]);
  });

  test('tells why it did not, of settings that are not saved yet', async () => {
    expect(await send({ chat_id: '-1' })).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/^Telegram отказал: /),
    });
    expect(await send({ chat_id: null })).toMatchObject({ ok: false, problem: expect.any(String) });
    const wrong = await send({ bot_token: `${BOT_TOKEN}-wrong` });
    expect(wrong).toMatchObject({ ok: false });
    expect(JSON.stringify(wrong)).not.toContain(BOT_TOKEN);
    expect(await get()).toMatchObject({ chat_id: '-1000000000367' });
  });
});

test.each(['GET', 'PATCH', 'DELETE'])('%s of one that is not there', async (method) => {
  const asked = { method, path: '/api/enterprises/9999', session, body: {} };
  expect((await ask(asked)).status).toBe(404);
});
