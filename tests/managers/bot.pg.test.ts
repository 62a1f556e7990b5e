import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { type Peers, startPeers } from '../peers/server.ts';
import { useDatabase } from '../support/database.ts';
import { createWorld, IVAN, MARIA, OLEG, type World } from './world.ts';

const { db, url } = useDatabase();
const STRANGER = 700_499;
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
let peers: Peers;
let skipped = 0;
let world: World;
let rings: string[] = [];

beforeAll(async () => {
  peers = await startPeers({ port: 0, now: () => Date.now() + skipped });
  peers.telegram.state.patchChat({ id: STRANGER, type: 'private', title: 'Чужой' });
});
afterAll(() => peers.close());
beforeEach(() => {
  rings = [];
  world = createWorld(db, {
    url,
    peers,
    pass: (ms) => void (skipped += ms),
    async originate({ extension, phone }) {
      rings.push(`${extension} ${phone}`);
      const placed = { placed: true, originateId: '', host: '', responseTimeMs: 1 } as const;
      return { ...placed, extension, phone, warning: null };
    },
  });
});
afterEach(async () => {
  await world.stop();
  await db`truncate managers, chat_sessions, support_chats, manager_notices, telegram_updates, rate_buckets cascade`;
  peers.telegram.reset();
});

async function onShift(...people: number[]): Promise<void> {
  for (const person of people) {
    await world.say(person, '/start');
    await world.say(person, '/online');
  }
}

/** A chat that this manager has accepted. */
async function accepted(manager: number, visitor = { name: 'Анна', phone: '+375 29 111-00-01' }) {
  const sessionId = await world.visitor();
  await world.write(sessionId, 'Где мой заказ?');
  await world.askForHuman(sessionId, visitor);
  await world.press(manager, 'Принять чат');
  return sessionId;
}
const marks = (text: string): boolean => !text.startsWith('✓');
const last = (person: number): string => world.texts(person).filter(marks).at(-1) ?? '';

describe('the webhook', () => {
  test('believes only who shows the secret, before it reads anything', async () => {
    expect(await world.toWebhook({ update_id: 1 }, 'wrong')).toBe(403);
    expect(await world.toWebhook('{', '')).toBe(403);
    expect(await world.toWebhook('{')).toBe(400);
    expect(await db`select from telegram_updates`).toHaveLength(0);
  });

  test('an update that comes twice is worked in once, and its text is not kept', async () => {
    const update = await world.updateOf('say', { chat_id: IVAN, text: '/start' });
    expect(await world.toWebhook(update)).toBe(200);
    await world.settle();
    expect(await world.toWebhook(update)).toBe(200);
    await world.settle();
    expect(world.texts(IVAN)).toHaveLength(1);
    expect(
      await db`select payload, processed_at is not null as done from telegram_updates`,
    ).toEqual([{ payload: null, done: true }]);
  });

  test('what the bot cannot read is taken all the same', async () => {
    expect(await world.toWebhook({ update_id: 7, message: { odd: true } })).toBe(200);
  });
});

describe('people', () => {
  test('a stranger is refused politely and told his number; who is listed is registered', async () => {
    await world.say(STRANGER, '/start');
    expect(last(STRANGER)).toMatch(/только для менеджеров.*700499/);
    await world.say(IVAN, 'привет');
    expect(last(IVAN)).toBe('Нажмите /start, чтобы начать.');
    await world.say(IVAN, '/start');
    expect(last(IVAN)).toBe('Здравствуйте, Иван! Вы зарегистрированы как менеджер.');
    expect(world.buttons(IVAN)).toEqual(['🟢 Выйти на смену', '💬 Мои чаты', '📊 Статистика']);
    expect(await db`select name, is_admin from managers`).toEqual([
      { name: 'Иван', isAdmin: false },
    ]);
  });

  test('coming on shift and going is a row of the shifts', async () => {
    await onShift(IVAN);
    await world.say(IVAN, '/online');
    expect(last(IVAN)).toBe('🟢 Вы уже на смене.');
    await world.say(IVAN, '/offline');
    expect(last(IVAN)).toBe('🔴 Вы ушли со смены.');
    expect(await db`select ended_at is not null as ended from manager_shifts`).toEqual([
      { ended: true },
    ]);
  });

  test('with an open chat one goes only when sure; the chat is passed on with its history', async () => {
    await onShift(IVAN);
    const sessionId = await accepted(IVAN);
    await onShift(OLEG);
    await world.say(IVAN, '/offline');
    expect(last(IVAN)).toMatch(/У вас открытые чаты: 1/);
    expect(await db`select status from managers where telegram_id = ${IVAN}`).toEqual([
      { status: 'online' },
    ]);
    await world.press(IVAN, 'Уйти и передать');
    expect(last(IVAN)).toMatch(/Чатов передано: 1/);
    expect(last(OLEG)).toMatch(/Вам передан чат №\d+ от менеджера Иван[^]*Где мой заказ\?/);
    expect(world.buttons(OLEG)).toContain('🔚 Завершить');
    expect((await world.history(sessionId)).at(-1)).toBe(
      'system: К чату подключился менеджер Олег',
    );
  });

  test('when nobody else is there the chat waits, and who comes on shift gets it', async () => {
    await onShift(IVAN);
    const sessionId = await accepted(IVAN);
    await world.say(IVAN, '/offline');
    await world.press(IVAN, 'Уйти и передать');
    expect(await world.stateOf(sessionId)).toBe('waiting');
    await onShift(OLEG);
    await world.press(OLEG, 'Принять чат');
    expect(await world.stateOf(sessionId)).toBe('active');
  });

  test('who blocks the bot is off shift and his chats are not lost', async () => {
    await onShift(IVAN, OLEG);
    const sessionId = await world.visitor();
    await world.askForHuman(sessionId);
    await world.press(IVAN, 'Принять чат');
    peers.telegram.state.patchChat({ id: IVAN, state: 'blocked' });
    await world.write(sessionId, 'Вы тут?');
    peers.telegram.state.patchChat({ id: IVAN, state: 'member' });
    expect(await db`select status from managers where telegram_id = ${IVAN}`).toEqual([
      { status: 'offline' },
    ]);
    expect(last(OLEG)).toContain('Вы тут?');
  });
});

describe('offers', () => {
  test('the least loaded is asked, with the client, the talk with the AI and the buttons', async () => {
    await onShift(IVAN, OLEG);
    const busy = await world.visitor();
    await world.askForHuman(busy);
    await world.press(IVAN, 'Принять чат');
    const sessionId = await world.visitor();
    for (const text of ['раз', 'два <b>', 'три', 'четыре']) await world.write(sessionId, text);
    await world.askForHuman(sessionId, { name: 'Анна <A>', phone: '+375 (29) 111-00-01' });
    const [card] = world.shown(OLEG).slice(-1);
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
    expect(world.texts(IVAN).some((text) => text.includes('четыре'))).toBe(false);
  });

  test('not accepted in time it goes to the next, then to everybody; the first to press wins', async () => {
    await onShift(IVAN, OLEG);
    await db`update managers set max_active_chats = 1 where telegram_id = ${MARIA}`;
    const sessionId = await world.visitor();
    const [waiting] = [await world.askForHuman(sessionId)];
    expect(waiting.kind).toBe('begun');
    expect([IVAN, OLEG].filter((person) => last(person).includes('Новый чат'))).toEqual([IVAN]);
    await timeIsUp(sessionId);
    expect(last(OLEG)).toContain('Новый чат');
    await timeIsUp(sessionId);
    expect(await db`select everybody_asked, escalate_at from support_chats`).toEqual([
      { everybodyAsked: true, escalateAt: null },
    ]);
    await world.press(OLEG, 'Принять чат');
    expect(last(IVAN)).toMatch(/👤 Чат №\d+\nЧат ведёт Олег/);
    expect(world.buttons(IVAN)).not.toContain('✅ Принять чат');
  });

  test('a queue that lost the offer: the timers take the step', async () => {
    await onShift(IVAN);
    const sessionId = await world.visitor();
    await world.next().handOver.toManager(sessionId, { name: undefined, phone: undefined });
    for (const { body } of world.telegram.messages) world.done.add(body);
    await db`update support_chats set escalate_at = now() - interval '1 second'`;
    expect(await world.next().timers()).toMatchObject({ escalated: 1 });
    await world.settle();
    expect(last(IVAN)).toContain('Новый чат');
  });

  test('two press at once, on two instances: one has the chat, the other reads who', async () => {
    await onShift(IVAN, OLEG);
    for (const _ of [1, 2, 3, 4, 5]) {
      const sessionId = await world.visitor();
      await world.askForHuman(sessionId);
      await timeIsUp(sessionId);
      const [chat] = await db`select id from support_chats where session_id = ${sessionId}`;
      const chatId = String(chat?.['id']);
      const [one, other] = world.instances();
      const results = await Promise.all([
        one.turns.accept(chatId, { id: String(IVAN), name: 'Иван' }),
        other.turns.accept(chatId, { id: String(OLEG), name: 'Олег' }),
      ]);
      expect(results.toSorted()).toEqual(['accepted', 'taken']);
      expect(
        await db`select from support_chat_managers where chat_id = ${chatId} and role = 'owner'`,
      ).toHaveLength(1);
      await world.settle();
      const joined = (await world.history(sessionId)).filter((line) =>
        line.includes('подключился'),
      );
      expect(joined).toHaveLength(1);
    }
  });

  test('an offline request waits for whoever comes on shift', async () => {
    const sessionId = await world.visitor();
    expect(await world.askForHuman(sessionId)).toMatchObject({ kind: 'offline' });
    const left = { name: 'Пётр', phone: '80291110001', question: 'Сколько стоит?' };
    await world.next().handOver.leaveRequest(sessionId, left);
    await world.settle();
    await onShift(IVAN);
    expect(last(IVAN)).toMatch(/📨 Заявка №\d+\n👤 Пётр\n📞 80291110001[^]*❓ Сколько стоит\?/);
    await world.press(IVAN, 'Принять чат');
    expect(await world.stateOf(sessionId)).toBe('active');
  });
});

describe('a chat', () => {
  test('messages go both ways; a restart in the middle changes nothing', async () => {
    await onShift(IVAN);
    const sessionId = await accepted(IVAN);
    expect((await world.history(sessionId)).slice(-2)).toEqual([
      'system: Ищем свободного менеджера…',
      'system: К чату подключился менеджер Иван',
    ]);
    await world.press(IVAN, '💬 Ответить');
    await world.say(IVAN, 'Здравствуйте!');
    await world.restart();
    await world.write(sessionId, 'Добрый день <script>');
    expect(last(IVAN)).toMatch(/^👤 Анна · №\d+\nДобрый день <script>$/);
    await world.say(IVAN, 'Сейчас посмотрю');
    expect((await world.history(sessionId)).slice(-3)).toEqual([
      'manager: Иван: Здравствуйте!',
      'user: Добрый день <script>',
      'manager: Иван: Сейчас посмотрю',
    ]);
    expect(
      await db`select kind from chat_events where session_id = ${sessionId} order by id`,
    ).toEqual(
      [
        'chat.created',
        'chat.manager_notified',
        'chat.accepted',
        'chat.visitor_message_forwarded',
      ].map((kind) => ({ kind })),
    );
  });

  test('what was said while it waited is shown on accepting', async () => {
    await onShift(IVAN);
    const sessionId = await world.visitor();
    await world.askForHuman(sessionId);
    await world.write(sessionId, 'Ау!');
    expect(world.texts(IVAN).join()).not.toContain('Ау!');
    await world.press(IVAN, 'Принять чат');
    expect(last(IVAN)).toContain('Ау!');
  });

  test('a Telegram reply addresses its chat, whatever the mode says; without either he is asked', async () => {
    await onShift(IVAN);
    const [first, second] = [await accepted(IVAN), await accepted(IVAN)];
    await world.write(first, 'Первый');
    const copy = world.shown(IVAN).findLast(({ text }) => text.includes('Первый'));
    await world.say(IVAN, 'кому?');
    expect(last(IVAN)).toMatch(/^Кому ответить\?/);
    await world.press(IVAN, '💬 Ответить');
    await world.say(IVAN, 'Ответ первому', { reply_to_message_id: copy?.message_id });
    expect((await world.history(first)).at(-1)).toBe('manager: Иван: Ответ первому');
    await world.say(IVAN, 'Ответ второму');
    expect((await world.history(second)).at(-1)).toBe('manager: Иван: Ответ второму');
    await world.say(IVAN, '/cancel');
    await world.say(IVAN, 'никому');
    expect(last(IVAN)).toMatch(/^Кому ответить\?/);
  });

  test('an edit reaches the visitor and the colleagues', async () => {
    await onShift(IVAN, OLEG);
    const sessionId = await accepted(IVAN);
    await world.press(IVAN, '➕ Пригласить');
    await world.press(IVAN, 'Олег');
    await world.press(IVAN, '💬 Ответить');
    await world.say(IVAN, 'Цена 10');
    expect(last(OLEG)).toMatch(/👩‍💼 Иван · №\d+\nЦена 10/);
    const said = peers.telegram.chat(IVAN).said.at(-1);
    await world.person('edit', { chat_id: IVAN, message_id: said?.message_id, text: 'Цена 12' });
    expect((await world.history(sessionId)).at(-1)).toBe('manager: Иван: Цена 12');
    expect(last(OLEG)).toMatch(/Цена 12$/);
    expect(world.shown(OLEG).at(-1)).toMatchObject({ edits: 1 });
  });

  test('✓ is stored, ✓✓ is on the visitor’s screen', async () => {
    await onShift(IVAN);
    const sessionId = await accepted(IVAN);
    await world.press(IVAN, '💬 Ответить');
    await world.say(IVAN, 'Вы здесь?');
    const said = peers.telegram.chat(IVAN).said.at(-1)?.message_id;
    expect(world.shown(IVAN).at(-1)).toMatchObject({ text: '✓', reply_to: said, silent: true });
    await db`update chat_messages set delivered_at = now() where session_id = ${sessionId}`;
    await world.next().timers();
    await world.settle();
    expect(world.shown(IVAN).at(-1)).toMatchObject({ text: '✓✓', edits: 1 });
    expect(
      await db`select from chat_events where kind = 'chat.manager_message_delivered'`,
    ).toHaveLength(1);
  });

  test('photos, documents and voice go to the visitor; a second try stores no second one', async () => {
    await onShift(IVAN);
    const sessionId = await accepted(IVAN);
    await world.press(IVAN, '💬 Ответить');
    for (const [kind, name, type] of [
      ['photo', 'a.png', 'image/png'],
      ['document', 'Договор.pdf', 'application/pdf'],
      ['voice', 'v.ogg', 'audio/ogg'],
    ] as const) {
      const file = { kind, name, type, base64: PNG.toString('base64') };
      const update = await world.updateOf('say', {
        chat_id: IVAN,
        text: kind === 'photo' ? 'Вот' : '',
        file,
      });
      await world.toWebhook(update);
      await world.settle();
      await world.toWebhook(update);
      await world.settle();
    }
    const rows = await db`
      select text, file_name, content_type, size, object_key
      from chat_messages
      join chat_attachments on chat_attachments.id = attachment_id
      where chat_messages.session_id = ${sessionId}
      order by chat_messages.id`;
    expect(
      rows.map(({ text, fileName, contentType, size }) => [text, fileName, contentType, size]),
    ).toEqual([
      ['Вот', 'photo.jpg', 'image/jpeg', String(PNG.length)],
      ['', 'Договор.pdf', 'application/pdf', String(PNG.length)],
      ['', 'voice.ogg', 'audio/ogg', String(PNG.length)],
    ]);
    const stored = await fetch(
      await world.signer.get(String(rows[0]?.['objectKey']), { seconds: 60 }),
    );
    expect(Buffer.from(await stored.arrayBuffer())).toEqual(PNG);
  });

  test('the visitor’s file comes to the manager as what it is', async () => {
    await onShift(IVAN);
    const sessionId = await accepted(IVAN);
    const id = '0197a000-0000-7000-8000-000000000001';
    const objectKey = `chat/${sessionId}/${id}`;
    const url = await world.signer.put(objectKey, {
      seconds: 60,
      contentType: 'image/png',
      size: PNG.length,
    });
    await fetch(url, { method: 'PUT', body: PNG, headers: { 'content-type': 'image/png' } });
    await db`
      insert into chat_attachments (id, session_id, object_key, file_name, content_type, size, stored_at)
      values (${id}, ${sessionId}, ${objectKey}, 'снимок.png', 'image/png', ${PNG.length}, now())`;
    await world.write(sessionId, 'Смотрите', id);
    const sent = world.shown(IVAN).at(-1);
    expect(sent?.text).toMatch(/^👤 Анна · №\d+\nСмотрите$/);
    expect(sent?.media).toMatchObject({ kind: 'photo', file: { name: 'снимок.png', bytes: PNG } });
  });

  test('a guest sees, answers and leaves; only the owner closes', async () => {
    await onShift(IVAN, OLEG);
    const sessionId = await accepted(IVAN);
    await world.press(IVAN, '➕ Пригласить');
    await world.press(IVAN, 'Олег');
    expect(world.buttons(OLEG)).not.toContain('🔚 Завершить');
    await world.press(OLEG, '💬 Ответить');
    await world.say(OLEG, 'Я помогу');
    expect((await world.history(sessionId)).at(-1)).toBe('manager: Олег: Я помогу');
    expect(last(IVAN)).toMatch(/👩‍💼 Олег · №\d+\nЯ помогу/);
    const close = world.buttonOf(IVAN, '🔚 Завершить').data;
    const [card] = world.shown(OLEG).filter(({ text }) => text.includes('Вы участвуете'));
    const forged = { chat_id: OLEG, message_id: card?.message_id, data: String(close) };
    card?.reply_markup?.inline_keyboard.push([{ text: 'x', callback_data: close }]);
    await world.person('press', forged);
    expect(last(OLEG)).toBe('Это может только тот, кто ведёт чат');
    await world.press(OLEG, '🚪 Выйти');
    await world.write(sessionId, 'И ещё');
    expect(world.texts(OLEG).join()).not.toContain('И ещё');
  });

  test('passing on hands it over with its history', async () => {
    await onShift(IVAN, OLEG);
    const sessionId = await accepted(IVAN);
    await world.press(IVAN, '🔁 Передать');
    await world.press(IVAN, 'Олег');
    expect(last(IVAN)).toBe('Чат передан: Олег.');
    await world.write(sessionId, 'Кто теперь?');
    expect(last(OLEG)).toContain('Кто теперь?');
    expect(world.texts(IVAN).join()).not.toContain('Кто теперь?');
    expect(world.texts(OLEG).join()).toContain('Где мой заказ?');
  });

  test('📞 rings his own extension, or shows the number', async () => {
    await onShift(IVAN);
    await accepted(IVAN);
    await world.press(IVAN, '📞 Позвонить');
    expect(last(IVAN)).toBe('📞 +375 (29) 111-00-01');
    await db`update managers set extension = '150'`;
    await world.press(IVAN, '📞 Позвонить');
    expect(rings).toEqual(['150 +375 29 111-00-01']);
    expect(last(IVAN)).toBe('Звоню на ваш номер 150');
  });

  test('the manager closes it; what he writes then goes nowhere', async () => {
    await onShift(IVAN);
    const sessionId = await accepted(IVAN);
    await world.press(IVAN, '💬 Ответить');
    await world.press(IVAN, '🔚 Завершить');
    expect(await world.stateOf(sessionId)).toBe('closed');
    expect((await world.history(sessionId)).at(-1)).toBe('system: Менеджер завершил чат');
    expect(world.buttons(IVAN)).not.toContain('🔚 Завершить');
    await world.say(IVAN, 'ещё');
    expect(last(IVAN)).toMatch(/^Кому ответить\?/);
  });

  test('the visitor closes it: the manager hears of it', async () => {
    await onShift(IVAN);
    const sessionId = await accepted(IVAN);
    await world.next().handOver.close(sessionId, 'visitor');
    await world.settle();
    expect(last(IVAN)).toMatch(/^🔚 Посетитель завершил чат №\d+ · Анна\.$/);
  });

  test('silence: a notice five minutes before, then the end; a word in between saves it', async () => {
    await onShift(IVAN);
    const [quiet, saved] = [await accepted(IVAN), await accepted(IVAN)];
    await db`update support_chats set last_activity_at = now() - interval '26 minutes'`;
    expect(await world.next().timers()).toMatchObject({ warned: 2, closed: 0 });
    expect(await world.next().timers()).toMatchObject({ warned: 0, closed: 0 });
    await world.settle();
    expect(last(IVAN)).toMatch(/через 5 мин он закроется/);
    await world.write(saved, 'Я тут');
    await db`
      update support_chats
      set idle_warned_at = idle_warned_at - interval '6 minutes', last_activity_at = last_activity_at - interval '6 minutes'`;
    expect(await world.next().timers()).toMatchObject({ closed: 1 });
    await world.settle();
    expect([await world.stateOf(quiet), await world.stateOf(saved)]).toEqual(['closed', 'active']);
  });
});

describe('the admin', () => {
  test('adds, pauses and removes managers; others may not', async () => {
    await world.say(IVAN, '/start');
    await world.say(IVAN, '/admin');
    expect(last(IVAN)).toBe('Эта команда только для администраторов.');
    await world.say(MARIA, '/start');
    await world.say(MARIA, '/admin');
    await world.press(MARIA, 'Управление менеджерами');
    expect(last(MARIA)).toContain('⚪️ не на смене · Иван · чаты 0/5');
    await world.press(MARIA, 'Добавить');
    await world.say(MARIA, `${STRANGER} Пётр`);
    expect(last(MARIA)).toBe('✅ Пётр добавлен. Пусть нажмёт /start.');
    await world.say(STRANGER, '/online');
    expect(last(STRANGER)).toMatch(/Вы на смене/);
    await world.say(MARIA, '/admin');
    await world.press(MARIA, 'Управление менеджерами');
    await world.press(MARIA, 'Пётр');
    await world.press(MARIA, '⏸ Пауза');
    await world.say(STRANGER, '/online');
    expect(last(STRANGER)).toMatch(/на паузу/);
    await world.press(MARIA, '🗑 Удалить');
    await world.press(MARIA, 'Да, удалить');
    await world.say(STRANGER, '/online');
    expect(last(STRANGER)).toMatch(/только для менеджеров/);
  });

  test('sees the day, and everybody his own', async () => {
    await onShift(MARIA);
    await accepted(MARIA);
    await world.say(MARIA, '/stats');
    expect(last(MARIA)).toContain('Принято чатов: 1');
    await world.say(MARIA, '/admin');
    await world.press(MARIA, 'Сегодня');
    expect(last(MARIA)).toMatch(/Посетителей: 1[^]*Принято: 1[^]*Мария: 1/);
  });
});

describe('what is owed', () => {
  test('is sent once, however often the queue brings it; what was lost the timers bring', async () => {
    await onShift(IVAN);
    const sessionId = await accepted(IVAN);
    const { message } = await world.next().say({ sessionId, sender: 'user', text: 'Раз' });
    for (const { body } of world.telegram.messages) world.done.add(body);
    await db`update chat_copies set created_at = now() - interval '1 minute'`;
    expect(await world.next().timers()).toMatchObject({ owed: 1 });
    await world.settle();
    for (const { show } of world.instances())
      await show({ kind: 'chat', messageId: message.id, managerId: String(IVAN) });
    expect(world.texts(IVAN).filter((text) => text.includes('Раз'))).toHaveLength(1);
  });

  test('Telegram being away loses nothing', async () => {
    await onShift(IVAN);
    const sessionId = await accepted(IVAN);
    await control('behave', { peer: 'telegram', mode: 'error500', times: 1 });
    const message = await world.write(sessionId, 'Слышно?');
    expect(world.texts(IVAN).join()).not.toContain('Слышно?');
    await world.next().show({ kind: 'chat', messageId: message.id, managerId: String(IVAN) });
    expect(last(IVAN)).toContain('Слышно?');
  });

  test('the limits of Telegram are kept: it never has to say no', async () => {
    await onShift(IVAN);
    const sessionId = await accepted(IVAN);
    await db`delete from rate_buckets`;
    skipped += 60_000;
    const [one] = world.instances();
    for (const text of ['1', '2', '3', '4', '5'])
      await one.say({ sessionId, sender: 'user', text });
    const copies = world.telegram.messages.filter(({ body }) => !world.done.has(body));
    const outcomes = [];
    for (const { body } of copies) {
      const { messageId } = body as { messageId: string };
      world.done.add(body);
      outcomes.push(
        await one
          .show({ kind: 'chat', messageId, managerId: String(IVAN) })
          .catch((error: Error) => error.message),
      );
    }
    expect(outcomes.slice(0, 3)).toEqual([undefined, undefined, undefined]);
    expect(outcomes.slice(3)).toEqual(Array(2).fill('the budget of the chat is used up'));
    const { received } = (await (
      await fetch(`${peers.url}/control/received?peer=telegram`)
    ).json()) as {
      received: { status: number }[];
    };
    expect(received.filter(({ status }) => status === 429)).toEqual([]);
  });
});

async function control(path: string, body: object): Promise<void> {
  await fetch(`${peers.url}/control/${path}`, { method: 'POST', body: JSON.stringify(body) });
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
  await world
    .next()
    .show({ kind: 'chat_offer', chatId })
    .catch(() => {});
  await world.settle();
}
