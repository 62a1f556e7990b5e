import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createChat } from '../../../shared/chat/chat.ts';
import { connect } from '../../../shared/db.ts';
import { launchChromium } from '../../support/chromium.ts';
import { control, db, environment, eventually, freshStart, ports } from '../stack.ts';

const DEMO = `http://127.0.0.1:${ports.web}/widget-demo/`;
const MANAGER = '5999';
const HAND_OVER = '👤 Связаться с живым менеджером';

Object.assign(process.env, environment);
/** A second instance of what the functions are made of: here it plays the managers' side. */
const own = connect(environment['DATABASE_URL'] ?? '', { max: 2 });
const env = (name: string): string => environment[name] ?? '';
const managers = createChat(own, {
  SQS_ENDPOINT: env('SQS_ENDPOINT'),
  CHAT_AI_QUEUE_URL: env('CHAT_AI_QUEUE_URL'),
  TELEGRAM_QUEUE_URL: env('TELEGRAM_QUEUE_URL'),
  CRM_QUEUE_URL: env('CRM_QUEUE_URL'),
  CHAT_ENTERPRISE: undefined,
  WEBSOCKET_ENDPOINT: env('WEBSOCKET_ENDPOINT'),
  S3_ENDPOINT: env('S3_ENDPOINT'),
  S3_REGION: env('S3_REGION'),
  S3_BUCKET: env('S3_BUCKET'),
  S3_ACCESS_KEY: env('S3_ACCESS_KEY'),
  S3_SECRET_KEY: env('S3_SECRET_KEY'),
  HETZNER_S3_ACCESS_KEY: undefined,
  HETZNER_S3_SECRET_KEY: undefined,
  S3_PATH_STYLE: '1',
});

type Visitor = { context: BrowserContext; page: Page; errors: string[] };

describe('the chat on a page', () => {
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await own.end();
  });
  beforeEach(async () => {
    await freshStart();
    // A manager whom the bot cannot write to is taken off shift.
    await control('telegram/chats', { id: Number(MANAGER), type: 'private', title: 'Анна' });
    await db`update managers set status = 'offline'`;
    await db`
      insert into managers (telegram_id, name, status)
      values (${MANAGER}, 'Анна', 'online')
      on conflict (telegram_id) do update set status = 'online'`;
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    await db`update managers set status = 'offline' where telegram_id = ${MANAGER}`;
  });

  async function visit(): Promise<Visitor> {
    const context = await browser.newContext({ locale: 'ru-RU' });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(DEMO);
    await page.getByRole('button', { name: 'Открыть чат' }).click();
    return { context, page, errors };
  }
  async function say({ page }: Visitor, text: string): Promise<void> {
    await page.getByPlaceholder('Напишите сообщение…').fill(text);
    await page.getByRole('button', { name: 'Отправить' }).click();
  }
  const textsOf = ({ page }: Visitor, kind: string): Promise<string[]> =>
    page.locator(`.${kind}-message .body`).allInnerTexts();
  const sessionOf = ({ page }: Visitor): Promise<string> =>
    page.evaluate(() => {
      const saved = JSON.parse(localStorage.getItem('trunkline-chat') ?? '{}') as object;
      return 'sessionId' in saved ? String(saved.sessionId) : '';
    });
  async function acceptedChat(visitor: Visitor): Promise<string> {
    const sessionId = await sessionOf(visitor);
    const [row] = await db`
      update support_chats set state = 'active', accepted_at = now(), escalate_at = null
      where session_id = ${sessionId} and state = 'waiting'
      returning id`;
    const chatId = String(row?.['id']);
    await db`
      insert into support_chat_managers (chat_id, manager_id, role)
      values (${chatId}, ${MANAGER}, 'owner')
      on conflict do nothing`;
    await db`update chat_sessions set state = 'active' where id = ${sessionId}`;
    await managers.push.state(sessionId);
    return sessionId;
  }
  const managerSays = (sessionId: string, text: string) =>
    managers.say({ sessionId, text, sender: 'manager', managerId: MANAGER, managerName: 'Анна' });

  test('two visitors talk to the AI and to a manager across cuts of the network: nothing is lost or doubled', async () => {
    const visitors = [await visit(), await visit()];
    for (const [index, visitor] of visitors.entries()) {
      await say(visitor, `Есть ли доставка? ${index}`);
      await visitor.page.getByText('по всей стране').waitFor();
      await visitor.page.getByRole('button', { name: HAND_OVER }).click();
      await visitor.page.getByRole('status').getByText('Ищем свободного менеджера').waitFor();
    }
    for (const [index, visitor] of visitors.entries()) {
      const sessionId = await acceptedChat(visitor);
      await visitor.page.getByText('С вами Анна').waitFor();
      for (let n = 0; n < 3; n += 1) await managerSays(sessionId, `до разрыва ${index}.${n}`);
      await visitor.context.setOffline(true);
      await visitor.page.getByText('Нет связи').waitFor();
      for (let n = 0; n < 3; n += 1) {
        await say(visitor, `без связи ${index}.${n}`);
        await managerSays(sessionId, `за время разрыва ${index}.${n}`);
      }
      await visitor.context.setOffline(false);
      await visitor.page.getByText('Соединение восстановлено').waitFor();
      await managerSays(sessionId, `после разрыва ${index}`);
      await visitor.page.getByText(`после разрыва ${index}`).waitFor();
      await visitor.page.locator('.note').first().waitFor({ state: 'detached' });
    }
    for (const [index, visitor] of visitors.entries()) {
      const stored = await db`
        select sender, text from chat_messages
        where session_id = ${await sessionOf(visitor)} order by id`;
      const of = (sender: string) =>
        stored.flatMap((row) => (row['sender'] === sender ? [String(row['text'])] : []));
      expect(of('user')).toEqual([
        `Есть ли доставка? ${index}`,
        ...[0, 1, 2].map((n) => `без связи ${index}.${n}`),
      ]);
      expect(of('manager')).toHaveLength(7);
      expect(await textsOf(visitor, 'user')).toEqual(of('user'));
      expect(await textsOf(visitor, 'manager')).toEqual(of('manager'));
      expect(visitor.errors).toEqual([]);
      await visitor.page.reload();
      await visitor.page.getByRole('button', { name: /Открыть чат/ }).click();
      await visitor.page.getByText(`после разрыва ${index}`).waitFor();
      expect(await textsOf(visitor, 'manager')).toEqual(of('manager'));
      expect(await textsOf(visitor, 'user')).toEqual(of('user'));
    }
  });

  test('an answer that the AI was writing at the hand-over leaves the screen and is not saved', async () => {
    await control('ai', { hold_after: 3 });
    const visitor = await visit();
    await say(visitor, 'Сколько стоит ремонт?');
    await visitor.page.locator('.ai-message').getByText('Вот цены').waitFor();
    await visitor.page.getByRole('button', { name: HAND_OVER }).click();
    await visitor.page.getByRole('status').getByText('Ищем свободного менеджера').waitFor();
    expect(await textsOf(visitor, 'ai')).toEqual([]);
    await control('ai/release', {});
    const talks = async () => (await control('ai')) as { talks: { end: string }[] };
    await eventually(talks, ({ talks: [talk] }) => talk?.end !== 'говорит');
    await visitor.page.waitForTimeout(500);
    expect(await textsOf(visitor, 'ai')).toEqual([]);
    const rows = await db`
      select from chat_messages where session_id = ${await sessionOf(visitor)} and sender = 'ai'`;
    expect(rows).toEqual([]);
  });

  test('goes on without the AI: a human is offered, a request is left, the chat ends and is rated', async () => {
    await control('behave', { peer: 'ai', mode: 'error500' });
    await db`update managers set status = 'offline'`;
    const visitor = await visit();
    const { page } = visitor;
    await say(visitor, 'Есть ли доставка?');
    await page.getByText('Помощник сейчас не может ответить').waitFor();
    await page.getByRole('button', { name: HAND_OVER }).click();
    await page.getByLabel('Имя').fill('Пётр');
    await page.getByLabel('Телефон').fill('+375291110002');
    await page.getByLabel('Вопрос').fill('Перезвоните мне');
    await page.getByRole('button', { name: 'Оставить заявку' }).click();
    await page.getByText('Заявка принята').waitFor();

    await db`update managers set status = 'online' where telegram_id = ${MANAGER}`;
    await page.getByRole('button', { name: HAND_OVER }).click();
    await page.getByRole('status').getByText('Ищем свободного менеджера').waitFor();
    const sessionId = await acceptedChat(visitor);
    await managers.handOver.close(sessionId, 'manager');
    await page.getByText('Менеджер завершил чат').waitFor();
    await page.getByRole('button', { name: 'Оценка 5 из 5' }).click();
    await page.getByText('Спасибо за оценку').waitFor();
    const [chat] = await db`select rating from support_chats where session_id = ${sessionId}`;
    expect(chat).toEqual({ rating: 5 });
    expect(visitor.errors).toEqual([]);
  });

  test('can be used by everybody, and the page’s own styles do not reach it', async () => {
    const visitor = await visit();
    const { page } = visitor;
    await say(visitor, 'Сколько стоит ремонт?');
    await page.locator('.ai-message table').waitFor();
    const { violations } = await new AxeBuilder({ page }).include('#trunkline-chat').analyze();
    const serious = violations.filter(({ impact = '' }) =>
      ['serious', 'critical'].includes(impact ?? ''),
    );
    expect(serious.map(({ id }) => id)).toEqual([]);
    const { background, spacing } = await page
      .getByRole('button', { name: 'Отправить' })
      .evaluate((button) => {
        const style = getComputedStyle(button);
        return { background: style.backgroundColor, spacing: style.letterSpacing };
      });
    expect(background).not.toBe('rgb(255, 105, 180)');
    expect(spacing).toBe('normal');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
  });
});
