import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { launchChromium } from '../../support/chromium.ts';
import { BOT, IVAN, manager, MARIA } from '../chat-people.ts';
import { control, db, eventually, freshStart, ports } from '../stack.ts';

const DEMO = `http://127.0.0.1:${ports.web}/widget-demo/`;
const HAND_OVER = '👤 Связаться с живым менеджером';

const [maria, ivan] = [manager(MARIA), manager(IVAN)];

describe('visitors in browsers, managers with their phones', () => {
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    await freshStart();
    await db`update managers set status = 'offline', shift_started_at = null`;
    await db`update support_chats set state = 'closed', closed_at = now() where state <> 'closed'`;
    await db`update chat_settings set escalate_after_seconds = 10`;
    await maria.comeOnShift();
    await ivan.comeOnShift();
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    await db`update chat_settings set escalate_after_seconds = 60`;
    await db`update managers set status = 'offline'`;
  });

  async function open(url: string): Promise<{ context: BrowserContext; page: Page }> {
    const context = await browser.newContext({ locale: 'ru-RU' });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(40_000);
    await page.goto(url);
    return { context, page };
  }

  /** A visitor's browser, with the chat open. */
  async function visit() {
    const { context, page } = await open(DEMO);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.getByRole('button', { name: 'Открыть чат' }).click();
    return {
      context,
      page,
      errors,
      async say(text: string): Promise<void> {
        await page.getByPlaceholder('Напишите сообщение…').fill(text);
        await page.getByRole('button', { name: 'Отправить' }).click();
      },
      sees: (text: string) => page.getByText(text).first().waitFor(),
      texts: (kind: string) => page.locator(`.${kind}-message .body`).allInnerTexts(),
      async sessionId(): Promise<string> {
        return page.evaluate(() => {
          const saved = JSON.parse(localStorage.getItem('trunkline-chat') ?? '{}') as object;
          return 'sessionId' in saved ? String(saved.sessionId) : '';
        });
      },
    };
  }
  type Visitor = Awaited<ReturnType<typeof visit>>;

  /** Maria's phone: the page on which one plays a manager without a Telegram account. */
  async function phone() {
    const { page } = await open(
      `http://127.0.0.1:${ports.peers}/telegram/phone?person=${MARIA}&bot=${BOT}`,
    );
    return {
      tap: (label: string) => page.locator('.keys button', { hasText: label }).last().click(),
      async say(text: string): Promise<void> {
        await page.getByLabel('Сообщение').fill(text);
        await page.getByRole('button', { name: '➤' }).click();
      },
      sees: (text: string) => page.locator('.bubble', { hasText: text }).last().waitFor(),
    };
  }

  /** What is stored stands on the screen once, in its order; what was sent stands in the database once. */
  async function nothingLostOrDoubled(visitor: Visitor): Promise<void> {
    const sessionId = await visitor.sessionId();
    const stored = async () => {
      const rows = await db`
        select id, sender, text, client_id from chat_messages
        where session_id = ${sessionId} order by id`;
      return rows.map((row) => ({
        ...row,
        sender: String(row['sender']),
        text: String(row['text']),
      }));
    };
    const rows = await stored();
    for (const sender of ['user', 'manager', 'system']) {
      const texts = rows.flatMap((row) => (row.sender === sender ? [row.text] : []));
      const shown = await eventually(
        () => visitor.texts(sender),
        (now) => now.length === texts.length,
        10_000,
      );
      expect(shown, sender).toEqual(texts);
    }
    const own = rows.filter(({ sender }) => sender === 'user');
    expect(new Set(own.map(({ text }) => text)).size).toBe(own.length);
  }

  test('a hand-over nobody takes in time, a refusal, a cut network, a closing and a rating', async () => {
    const [anna, boris] = [await visit(), await visit()];
    const mariasPhone = await phone();

    // Both ask for a human; the two managers are asked in turn, and neither hurries.
    for (const [index, visitor] of [anna, boris].entries()) {
      await visitor.say(`Есть ли доставка? ${index}`);
      await visitor.sees('по всей стране');
      await visitor.page.getByRole('button', { name: HAND_OVER }).click();
      await visitor.page.getByRole('status').getByText('Ищем свободного менеджера').waitFor();
    }
    const annas = await chatOf(anna);
    const askedAtFirst = await eventually(
      () => offeredTo(annas),
      (ids) => ids.length === 1,
    );
    expect(askedAtFirst).toHaveLength(1);
    const escalated = await eventually(
      () => offeredTo(annas),
      (ids) => ids.length === 2,
      60_000,
    );
    expect(escalated.toSorted()).toEqual([MARIA, IVAN].map(String));

    // Both take Anna's chat at once: one has it, the other is refused. Then Maria takes Boris's on her phone.
    const cards = await Promise.all([cardOf(annas, MARIA), cardOf(annas, IVAN)]);
    await Promise.all(cards.map((press) => maria.press(press)));
    await anna.page.getByText(/^С вами /).waitFor();
    const answers = async () => (await control('telegram/callbacks')) as { answered: string }[];
    await eventually(answers, (all) => all.every(({ answered }) => answered !== null));
    expect((await answers()).map(({ answered }) => answered).toSorted()).toEqual([
      'Чат ваш',
      'Чат уже принял другой менеджер',
    ]);
    const borises = await chatOf(boris);
    await eventually(
      () => offeredTo(borises),
      (ids) => ids.includes(String(MARIA)),
      60_000,
    );
    await mariasPhone.tap('Принять чат');
    await boris.page.getByText('С вами Мария').waitFor();

    const annasOwner = (await ownerOf(annas)) === String(MARIA) ? maria : ivan;
    const annasReply = await replyTo(annas, annasOwner.id);
    await mariasPhone.say('/chats');
    await mariasPhone.sees('Ваши чаты');
    const borisReply = await replyTo(borises, MARIA);

    // The network of both is cut; everybody goes on writing.
    for (const [index, visitor] of [anna, boris].entries()) {
      const [owner, more] = index === 0 ? [annasOwner, annasReply] : [maria, borisReply];
      for (const n of [1, 2]) await owner.say(`до разрыва ${index}.${n}`, more);
      await visitor.sees(`до разрыва ${index}.2`);
      await visitor.context.setOffline(true);
      await visitor.sees('Нет связи');
      for (const n of [1, 2, 3]) {
        await visitor.say(`без связи ${index}.${n}`);
        await owner.say(`за время разрыва ${index}.${n}`, more);
      }
      await visitor.context.setOffline(false);
      await visitor.sees('Соединение восстановлено');
      await visitor.sees(`за время разрыва ${index}.3`);
      await owner.sees(`без связи ${index}.3`);
      await visitor.page.locator('.note').first().waitFor({ state: 'detached' });
      for (const n of [1, 2, 3]) expect(await owner.count(`без связи ${index}.${n}`)).toBe(1);
    }

    // One chat is closed by its manager, the other by its visitor; both are rated.
    await maria.press(await buttonOf(borises, MARIA, 'Завершить'));
    await boris.sees('Менеджер завершил чат');
    await anna.page.getByRole('button', { name: 'Завершить чат' }).click();
    await anna.page.getByRole('button', { name: 'Да' }).click();
    await anna.sees('Чат завершён');
    for (const [visitor, stars] of [
      [anna, 4],
      [boris, 5],
    ] as const) {
      await visitor.page.getByRole('button', { name: `Оценка ${stars} из 5` }).click();
      await visitor.sees('Спасибо за оценку');
      await visitor.page.getByText('Спасибо за оценку').waitFor({ state: 'detached' });
    }
    const ratings = await db`
      select rating, closed_by from support_chats where id in (${annas}, ${borises}) order by rating`;
    expect([...ratings]).toEqual([
      { rating: 4, closed_by: 'visitor' },
      { rating: 5, closed_by: 'manager' },
    ]);
    for (const visitor of [anna, boris]) {
      await nothingLostOrDoubled(visitor);
      expect(visitor.errors).toEqual([]);
      await visitor.page.reload();
      await visitor.page.getByRole('button', { name: /Открыть чат/ }).click();
      await nothingLostOrDoubled(visitor);
    }
  });

  async function chatOf(visitor: Visitor): Promise<string> {
    const [row] = await db`
      select id from support_chats where session_id = ${await visitor.sessionId()}`;
    return String(row?.['id']);
  }
  async function offeredTo(chatId: string): Promise<string[]> {
    const rows = await db`
      select manager_id from support_chat_offers
      where chat_id = ${chatId} and message_id is not null`;
    return rows.map(({ manager_id: id }) => String(id));
  }
  async function ownerOf(chatId: string): Promise<string> {
    const [row] = await db`
      select manager_id from support_chat_managers
      where chat_id = ${chatId} and role = 'owner' and left_at is null`;
    return String(row?.['manager_id']);
  }
  /** A Telegram reply to the card of a chat, which addresses that chat. */
  async function replyTo(chatId: string, managerId: number) {
    return { reply_to_message_id: await cardMessage(chatId, managerId) };
  }
  async function cardMessage(chatId: string, managerId: number): Promise<number> {
    const [row] = await db`
      select message_id from support_chat_offers
      where chat_id = ${chatId} and manager_id = ${managerId}`;
    return Number(row?.['message_id']);
  }
  const cardOf = (chatId: string, managerId: number) => buttonOf(chatId, managerId, 'Принять чат');

  /** A button of the card that a manager has of a chat. */
  async function buttonOf(chatId: string, managerId: number, label: string) {
    const messageId = await cardMessage(chatId, managerId);
    const find = async () =>
      (await manager(managerId).shown())
        .find(({ message_id }) => message_id === messageId)
        ?.keyboard.flat()
        .find(({ text }) => text.includes(label))?.callback_data;
    const data = await eventually(find, (found) => found !== undefined);
    if (data === undefined) throw new Error(`no button "${label}"`);
    return { chat_id: managerId, message_id: messageId, data };
  }
});
