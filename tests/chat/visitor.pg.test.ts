import { afterEach, describe, expect, test } from 'vitest';

import { createSigner } from '../../shared/recordings/sign.ts';
import { useDatabase } from '../support/database.ts';
import { storageSettings } from '../support/storage.ts';
import { accept, createChatWorld, insertManager, SITE } from './world.ts';

const { db } = useDatabase();
let world = createChatWorld(db);
afterEach(async () => {
  await db`truncate chat_sessions, managers, rate_buckets cascade`;
  world = createChatWorld(db);
});

const messagesOf = async (token: string, after?: string) => {
  const { json } = await world.ask('messages', { token, ...(after && { query: { after } }) });
  return json as { messages: { id: string; sender: string; text: string }[]; state: string };
};
const sessionBody = (session: { id: string }, more: object = {}) => ({
  session_id: session.id,
  ...more,
});

describe('a session', () => {
  test('begins with a token that is given once and kept as a hash', async () => {
    const { status, json } = await world.ask('sessions', { body: { page: `${SITE}/a` } });
    expect(status).toBe(200);
    expect(json).toEqual({
      session_id: expect.any(String),
      token: expect.stringMatching(/^[\w-]{43}$/),
      websocket_url: 'wss://sockets.example',
      ai_enabled: true,
      history: [],
    });
    const [row] = await db`select state, locale, page, token_hash from chat_sessions`;
    expect(row).toMatchObject({ state: 'ai', locale: 'ru', page: `${SITE}/a` });
    expect(JSON.stringify(row)).not.toContain(json['token']);
  });

  test('is refused to the sixth of an hour from one network, and to no other network', async () => {
    const begin = (sourceIp: string) => world.ask('sessions', { body: { page: SITE }, sourceIp });
    for (let n = 0; n < 5; n += 1) expect((await begin('198.51.100.7')).status).toBe(200);
    const refused = await begin('198.51.100.7');
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': expect.any(String) } });
    expect((await begin('198.51.100.8')).status).toBe(200);
  });

  test('of one visitor is closed to another one, whatever is asked for', async () => {
    const [own, other] = [await world.begin(), await world.begin()];
    const body = sessionBody(other, { message_text: 'Здравствуйте' });
    const asked = await world.ask('send-message', { token: own.token, body });
    expect(asked).toMatchObject({ status: 403, json: { detail: 'Доступ запрещен' } });
    const nobody = await world.ask('send-message', {
      token: 'x'.repeat(43),
      body: { nonsense: 1 },
    });
    expect(nobody.status).toBe(403);
    expect((await messagesOf(other.token)).messages).toEqual([]);
  });

  test('is readable from a page of the configured sites only', async () => {
    const { token } = await world.begin();
    const fromSite = await world.ask('messages', { token });
    expect(fromSite.headers).toMatchObject({
      'access-control-allow-origin': SITE,
      'access-control-expose-headers': 'retry-after',
      vary: 'origin',
    });
    const fromElsewhere = await world.ask('messages', { token, origin: 'https://evil.example' });
    expect(fromElsewhere.headers).not.toHaveProperty('access-control-allow-origin');
    const preflight = await world.ask('send-message', { method: 'OPTIONS' });
    expect(preflight).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': SITE,
        'access-control-allow-headers': 'authorization, content-type',
      },
    });
  });
});

describe('a message', () => {
  test('is stored once under its client_id, and given to the AI once', async () => {
    const visitor = await world.begin();
    const body = sessionBody(visitor, { message_text: ' Здравствуйте ', client_id: 'c1' });
    const first = await world.ask('send-message', { token: visitor.token, body });
    const again = await createChatWorld(db).ask('send-message', { token: visitor.token, body });
    expect(first.json).toEqual({ success: true, message_id: expect.any(String) });
    expect(again.json).toEqual(first.json);
    const { messages } = await messagesOf(visitor.token);
    expect(messages).toMatchObject([{ sender: 'user', text: 'Здравствуйте', client_id: 'c1' }]);
    expect(world.ai.messages).toEqual([
      {
        body: { messageId: first.json['message_id'] },
        group: visitor.id,
        dedup: first.json['message_id'],
      },
    ]);
  });

  test('is listed after the one that was seen last', async () => {
    const visitor = await world.begin();
    const said = async (text: string) => {
      const body = sessionBody(visitor, { message_text: text });
      const { json } = await world.ask('send-message', { token: visitor.token, body });
      return String(json['message_id']);
    };
    const first = await said('один');
    await said('два');
    await said('три');
    const { messages } = await messagesOf(visitor.token, first);
    expect(messages.map(({ text }) => text)).toEqual(['два', 'три']);
  });

  test('is refused after the twentieth of a minute', async () => {
    const visitor = await world.begin();
    const send = () =>
      world.ask('send-message', {
        token: visitor.token,
        body: sessionBody(visitor, { message_text: 'ещё' }),
      });
    for (let n = 0; n < 20; n += 1) expect((await send()).status).toBe(200);
    // A slow machine earns a token meanwhile.
    await db`update rate_buckets set tokens = 0, updated_at = clock_timestamp()`;
    expect(await send()).toMatchObject({
      status: 429,
      headers: { 'retry-after': expect.stringMatching(/^[23]$/) },
    });
  });

  test.each([
    ['4,001 characters', { message_text: 'я'.repeat(4_001) }],
    ['nothing', { message_text: '  ' }],
  ])('of %s is refused', async (_what, more) => {
    const visitor = await world.begin();
    const body = sessionBody(visitor, more);
    const { status } = await world.ask('send-message', { token: visitor.token, body });
    expect(status).toBe(422);
  });

  test('is never missed by who reads on from the last one seen, while many are being stored', async () => {
    const visitor = await world.begin();
    const other = createChatWorld(db);
    const seen: string[] = [];
    let isDone = false;
    const saying = Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        (n % 2 ? world : other).say({ sessionId: visitor.id, sender: 'user', text: String(n) }),
      ),
    ).finally(() => (isDone = true));
    const read = async () => {
      const { messages } = await messagesOf(visitor.token, seen.at(-1));
      seen.push(...messages.map(({ id }) => id));
    };
    while (!isDone) await read();
    const said = await saying;
    await read();
    expect(seen).toHaveLength(30);
    expect(seen.toSorted()).toEqual(said.map(({ message }) => message.id).toSorted());
  });
});

describe('handing over', () => {
  const handOver = (visitor: { id: string; token: string }, more: object = {}) =>
    world.ask('transfer-to-manager', { token: visitor.token, body: sessionBody(visitor, more) });

  test('makes one chat that waits, is offered once, and is said to the visitor', async () => {
    await insertManager(db);
    const visitor = await world.begin();
    const first = await handOver(visitor, { client_name: 'Пётр', client_phone: '+375291110002' });
    const again = await handOver(visitor);
    expect(first.json).toEqual({
      success: true,
      message: expect.any(String),
      manager_name: null,
      chat_id: expect.any(String),
    });
    expect(again.json).toMatchObject({ success: true, chat_id: first.json['chat_id'] });
    expect(world.telegram.bodies()).toEqual([
      { kind: 'chat_offer', chatId: first.json['chat_id'] },
    ]);
    expect(await messagesOf(visitor.token)).toMatchObject({
      messages: [{ sender: 'system', text: 'Ищем свободного менеджера…' }],
      state: 'waiting',
    });
    const [row] = await db`select name, phone from chat_sessions`;
    expect(row).toEqual({ name: 'Пётр', phone: '+375291110002' });
  });

  test('by two at once is one chat', async () => {
    await insertManager(db);
    const visitor = await world.begin();
    const answers = await Promise.all([handOver(visitor), handOver(visitor), handOver(visitor)]);
    expect(new Set(answers.map(({ json }) => json['chat_id'])).size).toBe(1);
    expect(await db`select from support_chats`).toHaveLength(1);
  });

  test.each(['offline', 'paused'])('with everybody %s offers the form', async (status) => {
    await insertManager(db, 5001, status);
    const visitor = await world.begin();
    expect((await handOver(visitor)).json).toEqual({
      success: false,
      error: 'Нет доступных менеджеров',
      message: 'Оставьте заявку, и мы свяжемся с вами.',
      offline_form: true,
    });
    expect(await messagesOf(visitor.token)).toMatchObject({ messages: [], state: 'offline' });
    const left = await world.ask('offline-request', {
      token: visitor.token,
      body: sessionBody(visitor, {
        client_name: 'Пётр',
        client_phone: '+375291110002',
        question: 'Перезвоните мне',
      }),
    });
    expect(left.json).toMatchObject({ success: true });
    const [chat] = await db`select id, kind, state, question from support_chats`;
    expect(chat).toMatchObject({ kind: 'offline', state: 'waiting', question: 'Перезвоните мне' });
    expect(world.telegram.bodies()).toEqual([{ kind: 'chat_offer', chatId: chat?.['id'] }]);
  });

  test('nobody there: who writes on is answered by the AI again', async () => {
    const visitor = await world.begin();
    await handOver(visitor);
    await world.say({ sessionId: visitor.id, sender: 'user', text: 'А доставка есть?' });
    expect((await messagesOf(visitor.token)).state).toBe('ai');
    expect(world.ai.messages).toHaveLength(1);
  });

  test('says who answers, once somebody does', async () => {
    const manager = await insertManager(db);
    const visitor = await world.begin();
    await handOver(visitor);
    await accept(db, visitor.id, manager);
    expect((await handOver(visitor)).json).toMatchObject({ success: true, manager_name: 'Анна' });
    expect(await messagesOf(visitor.token)).toMatchObject({
      state: 'active',
      manager_name: 'Анна',
    });
  });
});

describe('in a chat with managers', () => {
  test('a message goes to all of them, not to the AI; a manager hears the others', async () => {
    const owner = await insertManager(db);
    const guest = await insertManager(db, 5002, 'online', 'Борис');
    const visitor = await world.begin();
    await world.handOver.toManager(visitor.id, { name: undefined, phone: undefined });
    const chatId = await accept(db, visitor.id, owner);
    await db`
      insert into support_chat_managers (chat_id, manager_id, role)
      values (${chatId}, ${guest}, 'guest')`;
    const asked = await world.say({ sessionId: visitor.id, sender: 'user', text: 'Вы тут?' });
    const said = {
      sessionId: visitor.id,
      sender: 'manager',
      text: 'Да',
      managerId: owner,
      managerName: 'Анна',
      telegramChat: owner,
      telegramMessage: '71',
    } as const;
    const answered = await world.say(said);
    expect(await world.say(said)).toEqual({ message: answered.message, isNew: false });
    expect(world.telegram.bodies().slice(1)).toEqual([
      { kind: 'chat', messageId: asked.message.id, managerId: owner },
      { kind: 'chat', messageId: asked.message.id, managerId: guest },
      { kind: 'chat', messageId: answered.message.id, managerId: guest },
    ]);
    expect(world.ai.messages).toEqual([]);
    const [chat] = await db`select first_answer_at is not null as answered from support_chats`;
    expect(chat).toEqual({ answered: true });
  });

  test('ends once, is rated once, and goes on with the AI', async () => {
    const manager = await insertManager(db);
    const visitor = await world.begin();
    const post = (path: string, more: object = {}) =>
      world.ask(path, { token: visitor.token, body: sessionBody(visitor, more) });
    await post('transfer-to-manager');
    const chatId = await accept(db, visitor.id, manager);
    expect(await post('rating', { rating: 5 })).toMatchObject({ status: 409 });
    await db`insert into manager_states (manager_id, chat_id) values (${manager}, ${chatId})`;
    expect((await post('close')).json).toEqual({ success: true });
    expect((await post('close')).json).toEqual({ success: true });
    expect(world.telegram.bodies()).toContainEqual({ kind: 'chat_closed', chatId });
    expect(await db`select chat_id from manager_states`).toEqual([{ chatId: null }]);
    expect(await messagesOf(visitor.token)).toMatchObject({ state: 'closed', rated: false });
    expect((await post('rating', { rating: 6 })).status).toBe(422);
    expect((await post('rating', { rating: 4, comment: 'Быстро' })).status).toBe(200);
    expect(await post('rating', { rating: 1 })).toMatchObject({ status: 409 });
    expect(await db`select rating, rating_comment, closed_by from support_chats`).toEqual([
      { rating: 4, ratingComment: 'Быстро', closedBy: 'visitor' },
    ]);
    await post('send-message', { message_text: 'И ещё вопрос' });
    expect(await messagesOf(visitor.token)).toMatchObject({ state: 'ai', rated: true });
    const texts = (await messagesOf(visitor.token)).messages.map(({ text }) => text);
    expect(texts).toEqual(['Ищем свободного менеджера…', 'Чат завершён', 'И ещё вопрос']);
  });
});

describe('an attachment', () => {
  const stored = createChatWorld(db, { signer: createSigner(storageSettings()) });
  const offer = (token: string, more: object = {}) =>
    stored.ask('attachments', {
      token,
      body: { file_name: 'смета.pdf', content_type: 'application/pdf', size: 5, ...more },
    });

  test('goes past the functions, is said with a message, and comes back only to be saved', async () => {
    const visitor = await stored.begin();
    const { json } = await offer(visitor.token);
    const body = sessionBody(visitor, { message_text: '', attachment_id: json['attachment_id'] });
    const early = await stored.ask('send-message', { token: visitor.token, body });
    expect(early.status).toBe(422);
    const put = await fetch(String(json['upload_url']), {
      method: 'PUT',
      headers: json['headers'] as Record<string, string>,
      body: '%PDF-',
    });
    expect(put.status).toBe(200);
    expect((await stored.ask('send-message', { token: visitor.token, body })).status).toBe(200);
    const listed = await stored.ask('messages', { token: visitor.token });
    const [{ attachment }] = listed.json['messages'] as [
      { attachment: { name: string; content_type: string; size: number; url: string } },
    ];
    expect(attachment).toMatchObject({
      name: 'смета.pdf',
      content_type: 'application/pdf',
      size: 5,
    });
    const got = await fetch(attachment.url);
    expect(await got.text()).toBe('%PDF-');
    expect(new URL(attachment.url).searchParams.get('response-content-disposition')).toBe(
      `attachment; filename*=UTF-8''${encodeURIComponent('смета.pdf')}`,
    );
  });

  test('of another size than announced is not said', async () => {
    const visitor = await stored.begin();
    const { json } = await offer(visitor.token, { size: 3 });
    await fetch(String(json['upload_url']), {
      method: 'PUT',
      headers: json['headers'] as Record<string, string>,
      body: '%PDF-',
    });
    const body = sessionBody(visitor, {
      message_text: 'вот',
      attachment_id: json['attachment_id'],
    });
    expect((await stored.ask('send-message', { token: visitor.token, body })).status).toBe(422);
  });

  test.each([
    { content_type: 'text/html' },
    { content_type: 'image/svg+xml' },
    { size: 10 * 1024 * 1024 + 1 },
    { size: 0 },
  ])('of %j is not taken', async (more) => {
    const visitor = await stored.begin();
    expect((await offer(visitor.token, more)).status).toBe(422);
  });

  test('of another visitor is none', async () => {
    const [own, other] = [await stored.begin(), await stored.begin()];
    const { json } = await offer(other.token);
    const body = sessionBody(own, { message_text: 'вот', attachment_id: json['attachment_id'] });
    expect((await stored.ask('send-message', { token: own.token, body })).status).toBe(422);
  });
});
