import { describe, expect, test } from 'vitest';

import { useDatabase } from '../support/database.ts';
import { useBot } from './bot.ts';
import { IVAN, OLEG } from './world.ts';

const database = useDatabase();
const { db } = database;
const bot = useBot(database);
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

describe('a chat', () => {
  test('messages go both ways; a restart in the middle changes nothing', async () => {
    await bot.onShift(IVAN);
    const sessionId = await bot.accepted(IVAN);
    expect((await bot.world.history(sessionId)).slice(-2)).toEqual([
      'system: Ищем свободного менеджера…',
      'system: К чату подключился менеджер Иван',
    ]);
    await bot.world.press(IVAN, '💬 Ответить');
    await bot.world.say(IVAN, 'Здравствуйте!');
    await bot.world.restart();
    await bot.world.write(sessionId, 'Добрый день <script>');
    expect(bot.last(IVAN)).toMatch(/^👤 Анна · №\d+\nДобрый день <script>$/);
    await bot.world.say(IVAN, 'Сейчас посмотрю');
    expect((await bot.world.history(sessionId)).slice(-3)).toEqual([
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
    await bot.onShift(IVAN);
    const sessionId = await bot.world.visitor();
    await bot.world.askForHuman(sessionId);
    await bot.world.write(sessionId, 'Ау!');
    expect(bot.world.texts(IVAN).join()).not.toContain('Ау!');
    await bot.world.press(IVAN, 'Принять чат');
    expect(bot.last(IVAN)).toContain('Ау!');
  });

  test('a Telegram reply addresses its chat, whatever the mode says; without either he is asked', async () => {
    await bot.onShift(IVAN);
    const [first, second] = [await bot.accepted(IVAN), await bot.accepted(IVAN)];
    await bot.world.write(first, 'Первый');
    const copy = bot.world.shown(IVAN).findLast(({ text }) => text.includes('Первый'));
    await bot.world.say(IVAN, 'кому?');
    expect(bot.last(IVAN)).toMatch(/^Кому ответить\?/);
    await bot.world.press(IVAN, '💬 Ответить');
    await bot.world.say(IVAN, 'Ответ первому', { reply_to_message_id: copy?.message_id });
    expect((await bot.world.history(first)).at(-1)).toBe('manager: Иван: Ответ первому');
    await bot.world.say(IVAN, 'Ответ второму');
    expect((await bot.world.history(second)).at(-1)).toBe('manager: Иван: Ответ второму');
    await bot.world.say(IVAN, '/cancel');
    await bot.world.say(IVAN, 'никому');
    expect(bot.last(IVAN)).toMatch(/^Кому ответить\?/);
  });

  test('an edit reaches the visitor and the colleagues', async () => {
    await bot.onShift(IVAN, OLEG);
    const sessionId = await bot.accepted(IVAN);
    await bot.world.press(IVAN, '➕ Пригласить');
    await bot.world.press(IVAN, 'Олег');
    await bot.world.press(IVAN, '💬 Ответить');
    await bot.world.say(IVAN, 'Цена 10');
    expect(bot.last(OLEG)).toMatch(/👩‍💼 Иван · №\d+\nЦена 10/);
    const said = bot.peers.telegram.chat(IVAN).said.at(-1);
    await bot.world.person('edit', {
      chat_id: IVAN,
      message_id: said?.message_id,
      text: 'Цена 12',
    });
    expect((await bot.world.history(sessionId)).at(-1)).toBe('manager: Иван: Цена 12');
    expect(bot.last(OLEG)).toMatch(/Цена 12$/);
    expect(bot.world.shown(OLEG).at(-1)).toMatchObject({ edits: 1 });
  });

  test('✓ is stored, ✓✓ is on the visitor’s screen', async () => {
    await bot.onShift(IVAN);
    const sessionId = await bot.accepted(IVAN);
    await bot.world.press(IVAN, '💬 Ответить');
    await bot.world.say(IVAN, 'Вы здесь?');
    const said = bot.peers.telegram.chat(IVAN).said.at(-1)?.message_id;
    expect(bot.world.shown(IVAN).at(-1)).toMatchObject({ text: '✓', reply_to: said, silent: true });
    await db`update chat_messages set delivered_at = now() where session_id = ${sessionId}`;
    await bot.world.next().timers();
    await bot.world.settle();
    expect(bot.world.shown(IVAN).at(-1)).toMatchObject({ text: '✓✓', edits: 1 });
    expect(
      await db`select from chat_events where kind = 'chat.manager_message_delivered'`,
    ).toHaveLength(1);
  });

  test('photos, documents and voice go to the visitor; a second try stores no second one', async () => {
    await bot.onShift(IVAN);
    const sessionId = await bot.accepted(IVAN);
    await bot.world.press(IVAN, '💬 Ответить');
    for (const [kind, name, type] of [
      ['photo', 'a.png', 'image/png'],
      ['document', 'Договор.pdf', 'application/pdf'],
      ['voice', 'v.ogg', 'audio/ogg'],
    ] as const) {
      const file = { kind, name, type, base64: PNG.toString('base64') };
      const update = await bot.world.updateOf('say', {
        chat_id: IVAN,
        text: kind === 'photo' ? 'Вот' : '',
        file,
      });
      await bot.world.toWebhook(update);
      await bot.world.settle();
      await bot.world.toWebhook(update);
      await bot.world.settle();
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
      await bot.world.signer.get(String(rows[0]?.['objectKey']), { seconds: 60 }),
    );
    expect(Buffer.from(await stored.arrayBuffer())).toEqual(PNG);
  });

  test('the visitor’s file comes to the manager as what it is', async () => {
    await bot.onShift(IVAN);
    const sessionId = await bot.accepted(IVAN);
    const id = '0197a000-0000-7000-8000-000000000001';
    const objectKey = `chat/${sessionId}/${id}`;
    const url = await bot.world.signer.put(objectKey, {
      seconds: 60,
      contentType: 'image/png',
      size: PNG.length,
    });
    await fetch(url, { method: 'PUT', body: PNG, headers: { 'content-type': 'image/png' } });
    await db`
      insert into chat_attachments (id, session_id, object_key, file_name, content_type, size, stored_at)
      values (${id}, ${sessionId}, ${objectKey}, 'снимок.png', 'image/png', ${PNG.length}, now())`;
    await bot.world.write(sessionId, 'Смотрите', id);
    const sent = bot.world.shown(IVAN).at(-1);
    expect(sent?.text).toMatch(/^👤 Анна · №\d+\nСмотрите$/);
    expect(sent?.media).toMatchObject({ kind: 'photo', file: { name: 'снимок.png', bytes: PNG } });
  });

  test('a guest sees, answers and leaves; only the owner closes', async () => {
    await bot.onShift(IVAN, OLEG);
    const sessionId = await bot.accepted(IVAN);
    await bot.world.press(IVAN, '➕ Пригласить');
    await bot.world.press(IVAN, 'Олег');
    expect(bot.world.buttons(OLEG)).not.toContain('🔚 Завершить');
    await bot.world.press(OLEG, '💬 Ответить');
    await bot.world.say(OLEG, 'Я помогу');
    expect((await bot.world.history(sessionId)).at(-1)).toBe('manager: Олег: Я помогу');
    expect(bot.last(IVAN)).toMatch(/👩‍💼 Олег · №\d+\nЯ помогу/);
    const close = bot.world.buttonOf(IVAN, '🔚 Завершить').data;
    const [card] = bot.world.shown(OLEG).filter(({ text }) => text.includes('Вы участвуете'));
    const forged = { chat_id: OLEG, message_id: card?.message_id, data: String(close) };
    card?.reply_markup?.inline_keyboard.push([{ text: 'x', callback_data: close }]);
    await bot.world.person('press', forged);
    expect(bot.last(OLEG)).toBe('Это может только тот, кто ведёт чат');
    await bot.world.press(OLEG, '🚪 Выйти');
    await bot.world.write(sessionId, 'И ещё');
    expect(bot.world.texts(OLEG).join()).not.toContain('И ещё');
  });

  test('passing on hands it over with its history', async () => {
    await bot.onShift(IVAN, OLEG);
    const sessionId = await bot.accepted(IVAN);
    await bot.world.press(IVAN, '🔁 Передать');
    await bot.world.press(IVAN, 'Олег');
    expect(bot.last(IVAN)).toBe('Чат передан: Олег.');
    await bot.world.write(sessionId, 'Кто теперь?');
    expect(bot.last(OLEG)).toContain('Кто теперь?');
    expect(bot.world.texts(IVAN).join()).not.toContain('Кто теперь?');
    expect(bot.world.texts(OLEG).join()).toContain('Где мой заказ?');
  });

  test('📞 bot.rings his own extension, or shows the number', async () => {
    await bot.onShift(IVAN);
    await bot.accepted(IVAN);
    await bot.world.press(IVAN, '📞 Позвонить');
    expect(bot.last(IVAN)).toBe('📞 +375 (29) 111-00-01');
    await db`update managers set extension = '150'`;
    await bot.world.press(IVAN, '📞 Позвонить');
    expect(bot.rings).toEqual(['150 +375 29 111-00-01']);
    expect(bot.last(IVAN)).toBe('Звоню на ваш номер 150');
  });

  test('the manager closes it; what he writes then goes nowhere', async () => {
    await bot.onShift(IVAN);
    const sessionId = await bot.accepted(IVAN);
    await bot.world.press(IVAN, '💬 Ответить');
    await bot.world.press(IVAN, '🔚 Завершить');
    expect(await bot.world.stateOf(sessionId)).toBe('closed');
    expect((await bot.world.history(sessionId)).at(-1)).toBe('system: Менеджер завершил чат');
    expect(bot.world.buttons(IVAN)).not.toContain('🔚 Завершить');
    await bot.world.say(IVAN, 'ещё');
    expect(bot.last(IVAN)).toMatch(/^Кому ответить\?/);
  });

  test('the visitor closes it: the manager hears of it', async () => {
    await bot.onShift(IVAN);
    const sessionId = await bot.accepted(IVAN);
    await bot.world.next().handOver.close(sessionId, 'visitor');
    await bot.world.settle();
    expect(bot.last(IVAN)).toMatch(/^🔚 Посетитель завершил чат №\d+ · Анна\.$/);
  });

  test('silence: a notice five minutes before, then the end; a word in between saves it', async () => {
    await bot.onShift(IVAN);
    const [quiet, saved] = [await bot.accepted(IVAN), await bot.accepted(IVAN)];
    await db`update support_chats set last_activity_at = now() - interval '26 minutes'`;
    expect(await bot.world.next().timers()).toMatchObject({ warned: 2, closed: 0 });
    expect(await bot.world.next().timers()).toMatchObject({ warned: 0, closed: 0 });
    await bot.world.settle();
    expect(bot.last(IVAN)).toMatch(/через 5 мин он закроется/);
    await bot.world.write(saved, 'Я тут');
    await db`
      update support_chats
      set idle_warned_at = idle_warned_at - interval '6 minutes', last_activity_at = last_activity_at - interval '6 minutes'`;
    expect(await bot.world.next().timers()).toMatchObject({ closed: 1 });
    await bot.world.settle();
    expect([await bot.world.stateOf(quiet), await bot.world.stateOf(saved)]).toEqual([
      'closed',
      'active',
    ]);
  });
});
