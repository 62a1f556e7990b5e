import { describe, expect, test } from 'vitest';

import { useDatabase } from '../support/database.ts';
import { useBot } from './bot.ts';
import { IVAN, MARIA, OLEG } from './world.ts';

const database = useDatabase();
const { db } = database;
const bot = useBot(database);

describe('offers', () => {
  test('the least loaded is asked, with the client, the talk with the AI and the buttons', async () => {
    await bot.onShift(IVAN, OLEG);
    const busy = await bot.world.visitor();
    await bot.world.askForHuman(busy);
    await bot.world.press(IVAN, 'Принять чат');
    const sessionId = await bot.world.visitor();
    for (const text of ['раз', 'два <b>', 'три', 'четыре']) await bot.world.write(sessionId, text);
    await bot.world.askForHuman(sessionId, { name: 'Анна <A>', phone: '+375 (29) 111-00-01' });
    const [card] = bot.world.shown(OLEG).slice(-1);
    expect(card?.text).toBe(
      [
        '🔔 Новый чат №' + (await numberOf(sessionId)),
        '👤 Анна <A>',
        '📞 +375 (29) 111-00-01',
        '🌐 https://shop.example/delivery?a=1&b=<2>',
        '',
        'Последние сообщения с ИИ',
        '👤 два <b>',
        '👤 три',
        '👤 четыре',
      ].join('\n'),
    );
    expect(card?.reply_markup?.inline_keyboard.flat().map(({ text }) => text)).toEqual([
      '✅ Принять чат',
      '📋 Подробности',
      '📞 Позвонить',
    ]);
    expect(bot.world.texts(IVAN).some((text) => text.includes('четыре'))).toBe(false);
  });

  test('not accepted in time it goes to the next, then to everybody; the first to press wins', async () => {
    await bot.onShift(IVAN, OLEG);
    await db`update managers set max_active_chats = 1 where telegram_id = ${MARIA}`;
    const sessionId = await bot.world.visitor();
    const [waiting] = [await bot.world.askForHuman(sessionId)];
    expect(waiting.kind).toBe('begun');
    expect([IVAN, OLEG].filter((person) => bot.last(person).includes('Новый чат'))).toEqual([IVAN]);
    await timeIsUp(sessionId);
    expect(bot.last(OLEG)).toContain('Новый чат');
    await timeIsUp(sessionId);
    expect(await db`select everybody_asked, escalate_at from support_chats`).toEqual([
      { everybodyAsked: true, escalateAt: null },
    ]);
    await bot.world.press(OLEG, 'Принять чат');
    expect(bot.last(IVAN)).toMatch(/👤 Чат №\d+\nЧат ведёт Олег/);
    expect(bot.world.buttons(IVAN)).not.toContain('✅ Принять чат');
  });

  test('a queue that lost the offer: the timers take the step', async () => {
    await bot.onShift(IVAN);
    const sessionId = await bot.world.visitor();
    await bot.world.next().handOver.toManager(sessionId, { name: undefined, phone: undefined });
    for (const { body } of bot.world.telegram.messages) bot.world.done.add(body);
    await db`update support_chats set escalate_at = now() - interval '1 second'`;
    expect(await bot.world.next().timers()).toMatchObject({ escalated: 1 });
    await bot.world.settle();
    expect(bot.last(IVAN)).toContain('Новый чат');
  });

  test('two press at once, on two instances: one has the chat, the other reads who', async () => {
    await bot.onShift(IVAN, OLEG);
    for (const _ of [1, 2, 3, 4, 5]) {
      const sessionId = await bot.world.visitor();
      await bot.world.askForHuman(sessionId);
      await timeIsUp(sessionId);
      const [chat] = await db`select id from support_chats where session_id = ${sessionId}`;
      const chatId = String(chat?.['id']);
      const [one, other] = bot.world.instances();
      const results = await Promise.all([
        one.turns.accept(chatId, { id: String(IVAN), name: 'Иван' }),
        other.turns.accept(chatId, { id: String(OLEG), name: 'Олег' }),
      ]);
      expect(results.toSorted()).toEqual(['accepted', 'taken']);
      expect(
        await db`select from support_chat_managers where chat_id = ${chatId} and role = 'owner'`,
      ).toHaveLength(1);
      await bot.world.settle();
      const joined = (await bot.world.history(sessionId)).filter((line) =>
        line.includes('подключился'),
      );
      expect(joined).toHaveLength(1);
    }
  });

  test('an offline request waits for whoever comes on shift', async () => {
    const sessionId = await bot.world.visitor();
    expect(await bot.world.askForHuman(sessionId)).toMatchObject({ kind: 'offline' });
    const left = { name: 'Пётр', phone: '80291110001', question: 'Сколько стоит?' };
    await bot.world.next().handOver.leaveRequest(sessionId, left);
    await bot.world.settle();
    await bot.onShift(IVAN);
    expect(bot.last(IVAN)).toMatch(/📨 Заявка №\d+\n👤 Пётр\n📞 80291110001[^]*❓ Сколько стоит\?/);
    await bot.world.press(IVAN, 'Принять чат');
    expect(await bot.world.stateOf(sessionId)).toBe('active');
  });
});

describe('what is owed', () => {
  test('is sent once, however often the queue brings it; what was lost the timers bring', async () => {
    await bot.onShift(IVAN);
    const sessionId = await bot.accepted(IVAN);
    const { message } = await bot.world.next().say({ sessionId, sender: 'user', text: 'Раз' });
    for (const { body } of bot.world.telegram.messages) bot.world.done.add(body);
    await db`update chat_copies set created_at = now() - interval '1 minute'`;
    expect(await bot.world.next().timers()).toMatchObject({ owed: 1 });
    await bot.world.settle();
    for (const { show } of bot.world.instances())
      await show({ kind: 'chat', messageId: message.id, managerId: String(IVAN) });
    expect(bot.world.texts(IVAN).filter((text) => text.includes('Раз'))).toHaveLength(1);
  });

  test('Telegram being away loses nothing', async () => {
    await bot.onShift(IVAN);
    const sessionId = await bot.accepted(IVAN);
    await control('behave', { peer: 'telegram', mode: 'error500', times: 1 });
    const message = await bot.world.write(sessionId, 'Слышно?');
    expect(bot.world.texts(IVAN).join()).not.toContain('Слышно?');
    await bot.world.next().show({ kind: 'chat', messageId: message.id, managerId: String(IVAN) });
    expect(bot.last(IVAN)).toContain('Слышно?');
  });

  test('the limits of Telegram are kept: it never has to say no', async () => {
    await bot.onShift(IVAN);
    const sessionId = await bot.accepted(IVAN);
    await db`delete from rate_buckets`;
    bot.pass(60_000);
    const [one] = bot.world.instances();
    for (const text of ['1', '2', '3', '4', '5'])
      await one.say({ sessionId, sender: 'user', text });
    const copies = bot.world.telegram.messages.filter(({ body }) => !bot.world.done.has(body));
    const outcomes = [];
    for (const { body } of copies) {
      const { messageId } = body as { messageId: string };
      bot.world.done.add(body);
      outcomes.push(
        await one
          .show({ kind: 'chat', messageId, managerId: String(IVAN) })
          .catch((error: Error) => error.message),
      );
    }
    expect(outcomes.slice(0, 3)).toEqual([undefined, undefined, undefined]);
    expect(outcomes.slice(3)).toEqual(Array(2).fill('the budget of the chat is used up'));
    const { received } = (await (
      await fetch(`${bot.peers.url}/control/received?peer=telegram`)
    ).json()) as {
      received: { status: number }[];
    };
    expect(received.filter(({ status }) => status === 429)).toEqual([]);
  });
});

async function control(path: string, body: object): Promise<void> {
  await fetch(`${bot.peers.url}/control/${path}`, { method: 'POST', body: JSON.stringify(body) });
}

async function numberOf(sessionId: string): Promise<string> {
  const [row] = await db`select number from support_chats where session_id = ${sessionId}`;
  return String(row?.['number']);
}

/** The manager who was asked did not answer in time. */
async function timeIsUp(sessionId: string): Promise<void> {
  const [chat] = await db`
    update support_chats
    set escalate_at = now() - interval '1 second'
    where session_id = ${sessionId}
    returning id`;
  const chatId = String(chat?.['id']);
  await bot.world
    .next()
    .show({ kind: 'chat_offer', chatId })
    .catch(() => {});
  await bot.world.settle();
}
