import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { VisitorServerFrame } from '../../shared/chat/visitor.schema.ts';
import { useDatabase } from '../support/database.ts';
import { accept, createChatWorld, insertManager } from './world.ts';

const { db } = useDatabase();
let world = createChatWorld(db);
let visitor = { id: '', token: '' };
beforeEach(async () => {
  world = createChatWorld(db);
  visitor = await world.begin();
});
afterEach(() => db`truncate chat_sessions, chat_connections, managers, rate_buckets cascade`);

const say = (text: string) => world.say({ sessionId: visitor.id, sender: 'system', text });
const texts = (connection: string) =>
  world.heard(connection).flatMap(({ type, text }) => (type.endsWith('_message') ? [text] : []));
const rows = () => db`select id, session_id from chat_connections order by id`;

describe('who says whose it is', () => {
  test('is told where the chat stands and what was said, by the contract', async () => {
    await say('один');
    await say('два');
    await world.open('a=', visitor);
    const heard = world.heard('a=');
    expect(heard).toMatchObject([
      { type: 'state', state: 'ai', manager_name: null, rated: true },
      { type: 'system_message', text: 'один' },
      { type: 'system_message', text: 'два' },
    ]);
    for (const frame of heard) expect(VisitorServerFrame.parse(frame)).toEqual(frame);
  });

  test('and what it has seen is told the rest', async () => {
    const { message } = await say('один');
    await say('два');
    await world.open('a=', visitor, message.id);
    expect(texts('a=')).toEqual(['два']);
  });

  test.each([
    ['another token', () => ({ type: 'auth', session_id: visitor.id, token: 'made up' })],
    [
      "another one's session",
      () => ({ type: 'auth', session_id: crypto.randomUUID(), token: visitor.token }),
    ],
    ['a ping', () => ({ type: 'ping' })],
    ['something that is no JSON', () => '{'],
  ])('with %s is turned away', async (_what, frame) => {
    await world.connect('a=');
    await world.send('a=', frame());
    expect(world.heard('a=').map(({ type }) => type)).toEqual(['error']);
    expect(world.gateway.closed).toEqual(['a=']);
    expect(await rows()).toEqual([]);
  });

  test('after 5 seconds is turned away', async () => {
    await world.connect('a=');
    const auth = { type: 'auth', session_id: visitor.id, token: visitor.token };
    await world.send('a=', auth, 5_001);
    expect(world.gateway.closed).toEqual(['a=']);
  });

  test('never is closed when the next one connects', async () => {
    await db`
      insert into chat_connections (id, connected_at)
      values ('silent=', now() - interval '11 seconds'), ('new=', now() - interval '4 seconds')`;
    await world.connect('z=');
    expect(world.gateway.closed).toEqual(['silent=']);
    expect((await rows()).map(({ id }) => String(id))).toEqual(['new=', 'z=']);
  });

  test('does not disturb those who listen', async () => {
    await world.connect('live=', { live: 'chats' });
    await world.send('live=', { type: 'auth', ticket: 'made up' });
    expect(world.heard('live=')).toEqual([{ type: 'error', detail: 'Доступ запрещен' }]);
    await expect(world.connect('x=', { token: visitor.token })).rejects.toMatchObject({
      status: 400,
    });
  });
});

describe('a visitor who is connected', () => {
  test('in two tabs hears everything in both, whichever instance tells', async () => {
    await world.open('a=', visitor);
    await world.open('b=', visitor);
    const other = createChatWorld(db, {});
    await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        (n % 2 ? world : other).say({ sessionId: visitor.id, sender: 'system', text: String(n) }),
      ),
    );
    const sent = [...world.gateway.sent, ...other.gateway.sent];
    for (const tab of ['a=', 'b=']) {
      const ids = sent.flatMap(([id, frame]) =>
        id === tab && 'id' in frame ? [String(frame.id)] : [],
      );
      expect(new Set(ids).size).toBe(12);
    }
  });

  test('is sent what could not be sent before what is new', async () => {
    const broken = createChatWorld(db, { answers: { 'a=': new Error('timeout') } });
    await world.open('a=', visitor);
    await broken.say({ sessionId: visitor.id, sender: 'system', text: 'один' });
    expect(texts('a=')).toEqual([]);
    await say('два');
    expect(texts('a=')).toEqual(['один', 'два']);
  });

  test('gets what could not be sent with the answer to its ping, when nothing new comes', async () => {
    const broken = createChatWorld(db, { answers: { 'a=': new Error('timeout') } });
    await world.open('a=', visitor);
    await broken.say({ sessionId: visitor.id, sender: 'system', text: 'один' });
    await world.send('a=', { type: 'ping' });
    expect(world.heard('a=').slice(1)).toMatchObject([{ type: 'pong' }, { text: 'один' }]);
  });

  test('and gone is forgotten; what was said is there on return', async () => {
    const gone = createChatWorld(db, { answers: { 'a=': 'gone' } });
    await world.open('a=', visitor);
    const { message } = await gone.say({ sessionId: visitor.id, sender: 'system', text: 'один' });
    expect(await rows()).toEqual([]);
    const [before] = await db`select delivered_at from chat_messages where id = ${message.id}`;
    expect(before).toEqual({ deliveredAt: null });
    await world.open('b=', visitor);
    expect(texts('b=')).toEqual(['один']);
    const [after] = await db`select delivered_at from chat_messages where id = ${message.id}`;
    expect(after?.['deliveredAt']).toBeInstanceOf(Date);
  });

  test('says something, once, though it is sent twice and by both ways', async () => {
    await world.open('a=', visitor);
    const frame = { type: 'message', text: 'Здравствуйте', client_id: 'c1' };
    await world.send('a=', frame);
    await world.send('a=', frame);
    const body = { session_id: visitor.id, message_text: 'Здравствуйте', client_id: 'c1' };
    await world.ask('send-message', { token: visitor.token, body });
    expect(world.heard('a=').slice(1)).toMatchObject([
      { type: 'user_message', text: 'Здравствуйте', client_id: 'c1' },
    ]);
    expect(world.ai.messages).toHaveLength(1);
  });

  test('is told what is wrong with what it says', async () => {
    await world.open('a=', visitor);
    await world.send('a=', { type: 'message', text: ' ', client_id: 'c1' });
    await world.send('a=', { type: 'message', text: 'я'.repeat(4_001), client_id: 'c2' });
    await world.send('a=', '{');
    expect(world.heard('a=').slice(1)).toMatchObject([
      { type: 'error' },
      { type: 'error' },
      { type: 'error' },
    ]);
  });

  test('says what it has read', async () => {
    await world.open('a=', visitor);
    const { message } = await say('один');
    await say('два');
    await world.send('a=', { type: 'read', id: message.id });
    const marks = await db`select read_at is not null as is_read from chat_messages order by id`;
    expect(marks).toEqual([{ isRead: true }, { isRead: false }]);
  });

  test('sees the state change, in the end as it is', async () => {
    await insertManager(db);
    await world.open('a=', visitor);
    const request = { token: visitor.token, body: { session_id: visitor.id } };
    await Promise.all([world.ask('transfer-to-manager', request), world.ask('close', request)]);
    const states = world.heard('a=').filter(({ type }) => type === 'state');
    const [{ state } = {}] = await db`select state from chat_sessions`;
    expect(states.at(-1)).toMatchObject({ state });
  });
});

test('who listens to chats sees them begin, and what is said in them', async () => {
  const manager = await insertManager(db);
  const [admin] = await db`
    insert into admins (login, password_hash) values ('root', '-') returning id`;
  await db`
    insert into socket_connections (id, kind, admin_id, authorised_at)
    values ('live=', 'chats', ${admin?.['id'] as number}, now())`;
  await say('до передачи');
  await world.handOver.toManager(visitor.id, { name: undefined, phone: undefined });
  const chatId = await accept(db, visitor.id, manager);
  await world.say({ sessionId: visitor.id, sender: 'user', text: 'Вы тут?' });
  expect(world.heard('live=')).toMatchObject([
    { type: 'chat', chat_id: chatId, state: 'waiting' },
    { type: 'chat_message', chat_id: chatId, message: { sender: 'user', text: 'Вы тут?' } },
  ]);
});
