import { describe, expect, test } from 'vitest';

import { useDatabase } from '../support/database.ts';
import { STRANGER, useBot } from './bot.ts';
import { IVAN, MARIA, OLEG } from './world.ts';

const database = useDatabase();
const { db } = database;
const bot = useBot(database);

describe('the webhook', () => {
  test('believes only who shows the secret, before it reads anything', async () => {
    expect(await bot.world.toWebhook({ update_id: 1 }, 'wrong')).toBe(403);
    expect(await bot.world.toWebhook('{', '')).toBe(403);
    expect(await bot.world.toWebhook('{')).toBe(400);
    expect(await db`select from telegram_updates`).toHaveLength(0);
  });

  test('an update that comes twice is worked in once, and its text is not kept', async () => {
    const update = await bot.world.updateOf('say', { chat_id: IVAN, text: '/start' });
    expect(await bot.world.toWebhook(update)).toBe(200);
    await bot.world.settle();
    expect(await bot.world.toWebhook(update)).toBe(200);
    await bot.world.settle();
    expect(bot.world.texts(IVAN)).toHaveLength(1);
    expect(
      await db`select payload, processed_at is not null as done from telegram_updates`,
    ).toEqual([{ payload: null, done: true }]);
  });

  test('what the bot cannot read is taken all the same', async () => {
    expect(await bot.world.toWebhook({ update_id: 7, message: { odd: true } })).toBe(200);
  });
});

describe('people', () => {
  test('a stranger is refused politely and told his number; who is listed is registered', async () => {
    await bot.world.say(STRANGER, '/start');
    expect(bot.last(STRANGER)).toMatch(/только для менеджеров.*700499/);
    await bot.world.say(IVAN, 'привет');
    expect(bot.last(IVAN)).toBe('Нажмите /start, чтобы начать.');
    await bot.world.say(IVAN, '/start');
    expect(bot.last(IVAN)).toBe('Здравствуйте, Иван! Вы зарегистрированы как менеджер.');
    expect(bot.world.buttons(IVAN)).toEqual(['🟢 Выйти на смену', '💬 Мои чаты', '📊 Статистика']);
    expect(await db`select name, is_admin from managers`).toEqual([
      { name: 'Иван', isAdmin: false },
    ]);
  });

  test('coming on shift and going is a row of the shifts', async () => {
    await bot.onShift(IVAN);
    await bot.world.say(IVAN, '/online');
    expect(bot.last(IVAN)).toBe('🟢 Вы уже на смене.');
    await bot.world.say(IVAN, '/offline');
    expect(bot.last(IVAN)).toBe('🔴 Вы ушли со смены.');
    expect(await db`select ended_at is not null as ended from manager_shifts`).toEqual([
      { ended: true },
    ]);
  });

  test('with an open chat one goes only when sure; the chat is passed on with its history', async () => {
    await bot.onShift(IVAN);
    const sessionId = await bot.accepted(IVAN);
    await bot.onShift(OLEG);
    await bot.world.say(IVAN, '/offline');
    expect(bot.last(IVAN)).toMatch(/У вас открытые чаты: 1/);
    expect(await db`select status from managers where telegram_id = ${IVAN}`).toEqual([
      { status: 'online' },
    ]);
    await bot.world.press(IVAN, 'Уйти и передать');
    expect(bot.last(IVAN)).toMatch(/Чатов передано: 1/);
    expect(bot.last(OLEG)).toMatch(/Вам передан чат №\d+ от менеджера Иван[^]*Где мой заказ\?/);
    expect(bot.world.buttons(OLEG)).toContain('🔚 Завершить');
    expect((await bot.world.history(sessionId)).at(-1)).toBe(
      'system: К чату подключился менеджер Олег',
    );
  });

  test('when nobody else is there the chat waits, and who comes on shift gets it', async () => {
    await bot.onShift(IVAN);
    const sessionId = await bot.accepted(IVAN);
    await bot.world.say(IVAN, '/offline');
    await bot.world.press(IVAN, 'Уйти и передать');
    expect(await bot.world.stateOf(sessionId)).toBe('waiting');
    await bot.onShift(OLEG);
    await bot.world.press(OLEG, 'Принять чат');
    expect(await bot.world.stateOf(sessionId)).toBe('active');
  });

  test('who blocks the bot is off shift and his chats are not lost', async () => {
    await bot.onShift(IVAN, OLEG);
    const sessionId = await bot.world.visitor();
    await bot.world.askForHuman(sessionId);
    await bot.world.press(IVAN, 'Принять чат');
    bot.peers.telegram.state.patchChat({ id: IVAN, state: 'blocked' });
    await bot.world.write(sessionId, 'Вы тут?');
    bot.peers.telegram.state.patchChat({ id: IVAN, state: 'member' });
    expect(await db`select status from managers where telegram_id = ${IVAN}`).toEqual([
      { status: 'offline' },
    ]);
    expect(bot.last(OLEG)).toContain('Вы тут?');
  });
});

describe('the admin', () => {
  test('adds, pauses and removes managers; others may not', async () => {
    await bot.world.say(IVAN, '/start');
    await bot.world.say(IVAN, '/admin');
    expect(bot.last(IVAN)).toBe('Эта команда только для администраторов.');
    await bot.world.say(MARIA, '/start');
    await bot.world.say(MARIA, '/admin');
    await bot.world.press(MARIA, 'Управление менеджерами');
    expect(bot.last(MARIA)).toContain('⚪️ не на смене · Иван · чаты 0/5');
    await bot.world.press(MARIA, 'Добавить');
    await bot.world.say(MARIA, `${STRANGER} Пётр`);
    expect(bot.last(MARIA)).toBe('✅ Пётр добавлен. Пусть нажмёт /start.');
    await bot.world.say(STRANGER, '/online');
    expect(bot.last(STRANGER)).toMatch(/Вы на смене/);
    await bot.world.say(MARIA, '/admin');
    await bot.world.press(MARIA, 'Управление менеджерами');
    await bot.world.press(MARIA, 'Пётр');
    await bot.world.press(MARIA, '⏸ Пауза');
    await bot.world.say(STRANGER, '/online');
    expect(bot.last(STRANGER)).toMatch(/на паузу/);
    await bot.world.press(MARIA, '🗑 Удалить');
    await bot.world.press(MARIA, 'Да, удалить');
    await bot.world.say(STRANGER, '/online');
    expect(bot.last(STRANGER)).toMatch(/только для менеджеров/);
  });

  test('sees the day, and everybody his own', async () => {
    await bot.onShift(MARIA);
    await bot.accepted(MARIA);
    await bot.world.say(MARIA, '/stats');
    expect(bot.last(MARIA)).toContain('Принято чатов: 1');
    await bot.world.say(MARIA, '/admin');
    await bot.world.press(MARIA, 'Сегодня');
    expect(bot.last(MARIA)).toMatch(/Посетителей: 1[^]*Принято: 1[^]*Мария: 1/);
  });
});
