import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import * as z from 'zod';

import { sealSecrets } from '../../shared/crm/config-copies.ts';
import { createSecretBox } from '../../shared/secrets.ts';
import { startReceiver } from '../support/receiver.ts';
import { IVAN, MARIA, manager, OLEG, visitor, type Visitor } from './chat-people.ts';
import { control, db, environment, eventually, freshStart } from './stack.ts';

const [maria, ivan, oleg] = [manager(MARIA), manager(IVAN), manager(OLEG)];
const Callbacks = z.array(z.object({ answered: z.string().nullable() }));
/** The visibility of telegram-updates, and a little. */
const SHOWN_AGAIN_MS = 300_000;
const receivers: { close: () => Promise<void> }[] = [];

beforeEach(async () => {
  await freshStart();
  await db`update managers set status = 'offline', shift_started_at = null`;
  await db`update support_chats set state = 'closed', closed_at = now() where state <> 'closed'`;
  await db`update chat_settings set escalate_after_seconds = 10`;
});
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.close();
  await db`update chat_settings set escalate_after_seconds = 60`;
  await db`update managers set status = 'offline'`;
});

/** Everything that was stored came over the socket, and nothing came twice. */
async function nothingLostOrDoubled(who: Visitor): Promise<void> {
  const stored = await who.stored();
  await eventually(
    async () => who.ids().length,
    (count) => count >= stored.length,
  );
  expect(who.ids().toSorted((a, b) => Number(a) - Number(b))).toEqual(stored);
  const { messages } = await who.list();
  expect(messages.map(({ id }) => id)).toEqual(stored);
}

test('with nobody on shift a request is left; the CRMs get its client, the next on shift its card', async () => {
  const anna = await visitor();
  expect(await anna.handOver()).toMatchObject({
    success: false,
    error: 'Нет доступных менеджеров',
    offline_form: true,
  });
  const phone = '+375 29 111-77-02';
  await fetch(`${environment['PUBLIC_URL']}/api/chat/offline-request`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${anna.session.token}`,
    },
    body: JSON.stringify({
      session_id: anna.session.session_id,
      client_name: 'Анна',
      client_phone: phone,
      question: 'Перезвоните мне',
    }),
  });
  const owed = () => db<{ integration_type: string; state: string }[]>`
    select deliveries.integration_type, deliveries.state from deliveries
    join support_chats on support_chats.id = deliveries.chat_id
    where support_chats.session_id = ${anna.session.session_id} and deliveries.step = 'chat'
    order by integration_type`;
  const rows = await eventually(
    owed,
    (found) => found.length >= 3 && found.every(({ state }) => state === 'delivered'),
  );
  expect(rows.map(({ integration_type: type, state }) => `${type} ${state}`)).toEqual([
    'amocrm delivered',
    'bitrix24 delivered',
    'retailcrm delivered',
  ]);
  await maria.comeOnShift();
  await maria.sees('Перезвоните мне');
  await maria.tap('Принять чат');
});

test(
  'the whole life of a chat, across a cut network and a restart of every function',
  { timeout: 600_000 },
  async () => {
    await maria.comeOnShift();
    await ivan.comeOnShift();
    const receiver = await listenToWebhooks();
    const anna = await visitor();
    expect(anna.session.ai_enabled).toBe(true);
    await anna.connect();

    // The AI answers first.
    await anna.say('Есть ли доставка?');
    await anna.hears(({ type, id }) => type === 'ai_message' && id !== undefined);

    // Nobody takes it in time: it goes from the first manager to the next.
    const handedOver = await anna.handOver({
      client_name: 'Анна',
      client_phone: '+375 29 111-77-01',
    });
    expect(handedOver).toMatchObject({ success: true, chat_id: expect.any(String) });
    await anna.hearsState('waiting');
    await anna.hearsText('system_message', 'Ищем свободного менеджера');
    const whoIsAsked = async () => {
      if (await maria.hasButton('Принять чат')) return maria;
      return (await ivan.hasButton('Принять чат')) ? ivan : undefined;
    };
    const asked = await eventually(whoIsAsked, (who) => who !== undefined);
    if (!asked) throw new Error('nobody was asked');
    const next = asked === maria ? ivan : maria;
    expect(await next.hasButton('Принять чат')).toBe(false);
    const presses = [await next.button('Принять чат', 40_000), await asked.button('Принять чат')];
    await anna.say('Вы тут?');

    // Both press at once: one has it, the other is refused, and his buttons go.
    await Promise.all(presses.map((press) => maria.press(press)));
    const name = String((await anna.hearsState('active'))['manager_name']);
    const [owner, other] = name.includes('Иван') ? [ivan, maria] : [maria, ivan];
    const otherName = name.includes('Иван') ? 'Мария' : 'Иван';
    await anna.hearsText('system_message', `К чату подключился менеджер ${name}`);
    await owner.sees('Вы тут?');
    const answers = async () => Callbacks.parse(await control('telegram/callbacks'));
    await eventually(answers, (all) => all.every(({ answered }) => answered !== null));
    expect(new Set((await answers()).map(({ answered }) => answered))).toEqual(
      new Set(['Чат ваш', 'Чат уже принял другой менеджер']),
    );
    await eventually(
      () => other.hasButton('Принять чат'),
      (has) => !has,
    );
    expect(await other.hasButton('Принять чат')).toBe(false);

    // Both ways, with an edit.
    await owner.tap('Ответить');
    const answer = await owner.say('Добрый день');
    const said = await anna.hearsText('manager_message', 'Добрый день');
    expect(said).toMatchObject({ manager_name: name });
    await owner.edit(answer, 'Добрый день!');
    await anna.hears(
      ({ type, id, text }) =>
        type === 'message_edited' && id === said['id'] && text === 'Добрый день!',
    );
    anna.send({ type: 'message', text: 'Где мой заказ?', client_id: 'a-1' });
    await owner.sees('Где мой заказ?');

    // A colleague is invited: both see, both answer.
    await owner.tap('Пригласить');
    await owner.tap(otherName);
    await anna.hearsText('system_message', `К чату подключился менеджер ${otherName}`);
    await anna.say('Заказ номер семь');
    const copy = await other.sees('Заказ номер семь');
    await owner.sees('Заказ номер семь');
    await other.say('Сейчас посмотрю', { reply_to_message_id: copy });
    expect(await anna.hearsText('manager_message', 'Сейчас посмотрю')).toMatchObject({
      manager_name: expect.stringContaining(otherName),
    });
    await owner.sees('Сейчас посмотрю');

    // The network is cut: what is said on both sides meanwhile comes once, in order.
    anna.cut();
    for (const n of [1, 2, 3]) await owner.say(`за время разрыва ${n}`);
    const first = await anna.say('без сокета', 'a-2');
    expect(await anna.say('без сокета', 'a-2')).toBe(first);
    await eventually(
      () => anna.list(),
      ({ messages }) => messages.filter(({ text }) => text.startsWith('за время')).length === 3,
    );
    await anna.connect();
    await anna.hearsText('manager_message', 'за время разрыва 3');
    await nothingLostOrDoubled(anna);

    // Every function is killed in mid-chat; both go on writing while nothing answers.
    const killing = fetch(inject('killFunctionsUrl'), { method: 'POST' });
    await eventually(
      async () => anna.isConnected(),
      (isIn) => !isIn,
    );
    await owner.say('пока всё лежит');
    await expect(anna.say('и я', 'a-3')).rejects.toThrow('fetch failed');
    expect((await killing).status).toBe(200);
    await anna.say('и я', 'a-3');
    await owner.say('после перезапуска');
    await anna.connect();
    // What a killed function had in its hands comes back when the queue shows it again.
    await anna.hearsText('manager_message', 'пока всё лежит', SHOWN_AGAIN_MS);
    await anna.hearsText('manager_message', 'после перезапуска', SHOWN_AGAIN_MS);
    await owner.sees('и я', SHOWN_AGAIN_MS);
    expect(await owner.count('и я')).toBe(1);
    await nothingLostOrDoubled(anna);

    // It is handed on with its history, closed by its new owner, and rated.
    await oleg.comeOnShift();
    await owner.tap('Передать');
    await owner.tap('Олег');
    await anna.hearsText('system_message', 'К чату подключился менеджер Олег', 60_000);
    await oleg.sees('Где мой заказ?');
    await oleg.tap('Ответить');
    await oleg.say('Заказ у курьера');
    await anna.hearsText('manager_message', 'Заказ у курьера');
    await oleg.tap('Завершить');
    await anna.hearsState('closed');
    await anna.hearsText('system_message', 'Менеджер завершил чат');
    await anna.rate(5);
    expect(await anna.list()).toMatchObject({ state: 'closed', rated: true });
    await nothingLostOrDoubled(anna);

    // Each visitor's word stands in each manager's chat once.
    for (const words of ['Где мой заказ?', 'без сокета']) expect(await owner.count(words)).toBe(1);

    // What the outside was told of it.
    const events = await eventually(
      async () => receiver.received.map(({ body }) => JSON.parse(body) as { type: string }),
      (told) => told.at(-1)?.type === 'chat.closed',
      60_000,
    );
    const types = events.map(({ type }) => type);
    expect(types.slice(0, 2)).toEqual(['chat.created', 'chat.message']);
    expect(types.filter((type) => type === 'chat.accepted')).toHaveLength(1);
    expect(types.at(-1)).toBe('chat.closed');
    const [{ count } = { count: 0 }] = await db<{ count: number }[]>`
    select count(*)::int as count from chat_messages
    where chat_id = ${String(handedOver['chat_id'])} and sender in ('user', 'manager')`;
    expect(types.filter((type) => type === 'chat.message')).toHaveLength(count);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(ids.length);
    const timeline = await db`
    select kind from chat_events where session_id = ${anna.session.session_id} order by id`;
    expect(timeline.map(({ kind }) => String(kind))).toEqual(
      expect.arrayContaining([
        'chat.created',
        'chat.manager_notified',
        'chat.accepted',
        'chat.visitor_message_forwarded',
        'chat.manager_message_delivered',
        'chat.closed',
      ]),
    );
  },
);

/** The demo's enterprise tells its chats to an address of the test's. */
async function listenToWebhooks() {
  const receiver = await startReceiver();
  const secrets = createSecretBox(environment['ENCRYPTION_KEY'] ?? '');
  const webhook = {
    enabled: true,
    url: receiver.url,
    secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
    events: ['chat.created', 'chat.accepted', 'chat.message', 'chat.closed'],
  };
  const sealed = sealSecrets({ webhook }, secrets);
  const set = (config: object) => db`
    update enterprises
    set integrations_config = integrations_config - 'webhook' || ${db.json(JSON.parse(JSON.stringify(config)))},
        config_version = config_version + 1
    where number = '0367'`;
  await set(sealed);
  receivers.push({
    async close() {
      await set({});
      await receiver.close();
    },
  });
  return receiver;
}
