import { createHmac } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';

import { sealSecrets } from '../../shared/crm/config-copies.ts';
import { createDispatcher } from '../../shared/deliveries/dispatch.ts';
import { sendOutbound } from '../../shared/outbound.ts';
import { insertEnterprise, NUMBER, secrets, useDatabase } from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import { testSigner } from '../support/storage.ts';
import { useBot } from './bot.ts';
import { IVAN, MARIA } from './world.ts';

const database = useDatabase();
const { db } = database;
const bot = useBot(database);

const KEY = Buffer.alloc(32, 1);
let receiver: Awaited<ReturnType<typeof startReceiver>>;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

beforeEach(async () => {
  receiver.reset();
  await insertEnterprise(db, { crmUrl: `${bot.peers.url}/retailcrm/demo` });
  await connectWebhook();
});
afterEach(async () => {
  await db`truncate enterprises cascade`;
  bot.peers.retailcrm.account('demo').customers.length = 3;
  bot.peers.retailcrm.reset();
});

async function connectWebhook(events?: string[]): Promise<void> {
  const settings = {
    enabled: true,
    url: receiver.url,
    secret: `whsec_${KEY.toString('base64')}`,
    ...(events && { events }),
  };
  const sealed = sealSecrets({ webhook: settings }, secrets);
  await db`
    update enterprises
    set integrations_config = integrations_config || ${db.json(JSON.parse(JSON.stringify(sealed)))},
        config_version = config_version + 1
    where number = ${NUMBER}`;
}

/** Delivers what is on the queue, and what that puts there. */
async function deliver(): Promise<void> {
  const { crm } = bot.world;
  const dispatch = createDispatcher({
    signer: testSigner,
    db,
    secrets,
    crm,
    alert: async () => {},
    send: (request) => sendOutbound(request, { allowPrivate: true }),
    publicUrl: 'https://calls.example.com',
  });
  for (let message = crm.messages.shift(); message; message = crm.messages.shift()) {
    await dispatch(z.object({ deliveryId: z.string() }).parse(message.body)).catch(() => {});
  }
}

const Event = z.object({
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.looseObject({ chat_id: z.string(), number: z.string() }),
});
const events = () => receiver.received.map(({ body }) => Event.parse(JSON.parse(body)));
const states = async () => {
  const rows = await db`
    select integration_type, step, state
    from deliveries
    order by id`;
  return rows.map(({ integrationType, step, state }) => `${integrationType} ${step} ${state}`);
};

test('the life of a chat is told in order, each event signed and once', async () => {
  await bot.onShift(MARIA, IVAN);
  const sessionId = await bot.accepted(MARIA, { name: 'Анна', phone: '+375 29 111-99-99' });
  await bot.world.press(MARIA, 'Ответить');
  await bot.world.say(MARIA, 'Уже едет');
  await bot.world.write(sessionId, 'Спасибо');
  await bot.world.press(MARIA, 'Завершить');
  await deliver();

  expect(events().map(({ type }) => type)).toEqual([
    'chat.created',
    'chat.accepted',
    'chat.message',
    'chat.message',
    'chat.closed',
  ]);
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(5);
  for (const { headers, body } of receiver.received) {
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', KEY).update(signed).digest('base64')}`,
    );
  }
  const [created, accepted, answer, word, closed] = events().map(({ data }) => data);
  expect(created).toMatchObject({
    session_id: sessionId,
    enterprise_number: NUMBER,
    kind: 'live',
    client_name: 'Анна',
    phone: '375291119999',
  });
  expect(accepted).toMatchObject({ chat_id: created?.chat_id, manager_name: 'Мария' });
  expect(answer).toMatchObject({
    message: { sender: 'manager', text: 'Уже едет', manager_name: 'Мария' },
  });
  expect(word).toMatchObject({ message: { sender: 'user', text: 'Спасибо' } });
  expect(closed).toMatchObject({
    state: 'closed',
    closed_by: 'manager',
    transcript: [
      { sender: 'user', text: 'Где мой заказ?' },
      { sender: 'manager', text: 'Уже едет' },
      { sender: 'user', text: 'Спасибо' },
    ],
  });

  const account = bot.peers.retailcrm.account('demo');
  expect(account.customers.at(-1)).toMatchObject({ name: 'Анна', phone: '+375291119999' });
  expect(account.notes).toMatchObject([
    { customerId: 4, text: expect.stringMatching(/Клиент: Спасибо$/) },
  ]);
  const [log] = await db`
    select call_unique_id, phone_number
    from integration_logs
    where event_type = 'chat' and integration_type = 'retailcrm'`;
  expect(log).toEqual({ callUniqueId: null, phoneNumber: '+375 29 111-99-99' });
});

test('a question left while nobody is there makes a lead, and is told', async () => {
  const sessionId = await bot.world.visitor();
  const left = { name: 'Анна', phone: '+375291119999', question: 'Перезвоните мне' };
  await bot.world.next().handOver.leaveRequest(sessionId, left);
  await deliver();
  expect(events()).toMatchObject([
    { type: 'chat.created', data: { kind: 'offline', question: 'Перезвоните мне' } },
    { type: 'chat.message', data: { message: { text: 'Перезвоните мне' } } },
  ]);
  expect(bot.peers.retailcrm.account('demo').customers).toHaveLength(4);
});

test('only what was chosen is told', async () => {
  await connectWebhook(['call.ended', 'chat.closed']);
  await bot.onShift(MARIA);
  await bot.accepted(MARIA);
  await bot.world.press(MARIA, 'Завершить');
  await deliver();
  expect(events().map(({ type }) => type)).toEqual(['chat.closed']);
});

test('a receiver that is away gets everything later, in order and once', async () => {
  await bot.onShift(MARIA);
  receiver.status = 500;
  const sessionId = await bot.accepted(MARIA);
  await deliver();
  expect(await states()).toContain('webhook chat retrying');
  receiver.reset();
  await bot.world.write(sessionId, 'Ещё вопрос');
  await deliver();
  expect(receiver.received).toEqual([]);
  await db`update deliveries set next_attempt_at = now() where state = 'retrying'`;
  const [first] = await db`select id from deliveries where state = 'retrying'`;
  await bot.world.crm.send({
    body: { deliveryId: String(first?.['id']) },
    group: 'again',
    dedup: 'again',
  });
  await deliver();
  expect(events().map(({ type }) => type)).toEqual([
    'chat.created',
    'chat.accepted',
    'chat.message',
  ]);
});
