import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { findChromium, launchChromium } from '../../support/chromium.ts';
import { db, eventually, freshStart, invoke, ports } from '../stack.ts';
import { expectAccessible, logIn, openWindow, type Person, WEB } from './person.ts';

const chromium = findChromium();
const API = `http://127.0.0.1:${ports.http}`;
const PATIENT = { timeout: 15_000 };

const Session = z.object({ session_id: z.string(), token: z.string() });

/** A visitor of the site who has asked for a human. */
async function visitorAsks(name: string, words: string) {
  const ask = async (path: string, body: object, token = '') => {
    const response = await fetch(`${API}/api/chat/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    expect(response.status, await response.clone().text()).toBe(200);
    return response.json();
  };
  const page = 'https://shop.example/prices';
  const { session_id, token } = Session.parse(await ask('sessions', { page, locale: 'ru' }));
  const say = (text: string) => ask('send-message', { session_id, message_text: text }, token);
  await say(words);
  await ask('transfer-to-manager', { session_id, client_name: name }, token);
  const heard = async () => {
    const response = await fetch(`${API}/api/chat/messages`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return JSON.stringify(await response.json());
  };
  return { say, heard };
}

describe.skipIf(!chromium)('pages of servers, recordings and chats', () => {
  let browser: Browser;
  let person: Person;
  beforeAll(async () => {
    await freshStart();
    browser = await launchChromium(chromium ?? '');
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    person = await openWindow(browser);
  });
  afterEach(async () => {
    const { errors, violations } = person.faults;
    await person.page.context().close();
    expect(violations).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('show servers at once and sync behind them; a price is changed where it stands', async () => {
    const { page } = person;
    await logIn(person, 'admin', '/hosting');
    const row = page.getByRole('row').filter({ hasText: 'bot-1-1051' });
    await row.waitFor();
    await page.getByText(/Сверено 23 сервера/).waitFor();
    await row.getByRole('button', { name: 'Цена: bot-1-1051' }).click();
    const field = row.getByRole('textbox', { name: 'Цена: bot-1-1051' });
    await field.fill('дорого');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.press('Escape');
    await row.getByRole('button', { name: 'Цена: bot-1-1051' }).click();
    await field.fill('1350,50');
    await field.press('Enter');
    await row.getByText('1 350,50 ₽').waitFor();
    // Price, fee and cost of the simulated Timeweb: 1350.50 + 100 - 730.50.
    await row.getByText('720 ₽').waitFor();
    const stored = () =>
      db`select client_price::float as price from hosting_servers where timeweb_id = 1051`;
    expect(await stored()).toEqual([{ price: 1350.5 }]);

    await page.route('**/admin/hosting/api/server/*', (route) => route.abort());
    await row.getByRole('button', { name: 'Цена: bot-1-1051' }).click();
    await field.fill('1');
    await field.press('Enter');
    await page.getByText(/Не сохранено/).waitFor();
    await row.getByText('1 350,50 ₽').waitFor();
    expect(await stored()).toEqual([{ price: 1350.5 }]);
    await db`update hosting_servers set client_price = 1200 where timeweb_id = 1051`;
  });

  test('say of a price that nobody knows that it is unknown', async () => {
    const { page } = person;
    await logIn(person, 'admin', '/hosting?q=bot-1-1065');
    const row = page.getByRole('row').filter({ hasText: 'bot-1-1065' });
    await row.waitFor();
    const price = row.getByRole('button', { name: 'Цена: bot-1-1065' });
    await expect.poll(() => price.innerText(), PATIENT).toContain('неизвестно');
    expect(await row.innerText()).not.toMatch(/(^|\s)0 ₽/);
  });

  test('take a server off the page after asking, and in again from Timeweb', async () => {
    const { page } = person;
    await logIn(person, 'admin', '/hosting?q=bot-1-1072');
    await page.getByText(/Сверено 23 сервера/).waitFor();
    const link = page.getByRole('link', { name: 'bot-1-1072' });
    await link.click();
    const card = page.getByRole('dialog', { name: 'bot-1-1072', exact: true });
    await card.getByRole('button', { name: 'Удалить' }).click();
    const question = page.getByRole('dialog', { name: /Убрать «bot-1-1072»/ });
    await question.getByRole('button', { name: 'Отмена' }).click();
    await card.getByRole('button', { name: 'Удалить' }).click();
    await question.getByRole('button', { name: 'Удалить' }).click();
    await page.getByText('Сервер «bot-1-1072» убран').waitFor();
    await page.getByText('Ничего не найдено').waitFor();

    await page.getByRole('button', { name: 'Импорт из Timeweb' }).click();
    const dialog = page.getByRole('dialog', { name: 'Импорт из Timeweb' });
    await dialog.getByLabel('bot-1-1072').check();
    expect(await dialog.getByLabel('bot-1-1051').isDisabled()).toBe(true);
    await expectAccessible(page, 'import');
    await dialog.getByRole('button', { name: 'Импортировать (1)' }).click();
    await page.getByText('Импортирован 1 сервер').waitFor();
    await link.waitFor();
  });

  test('find a recording and play it by parts; it is held, and deleted after asking', async () => {
    const { page } = person;
    await invoke('recordings-sync');
    const count = async () =>
      (await db`select 1 from recordings where enterprise_number = '0367' and state = 'stored'`)
        .length;
    expect(await eventually(count, (stored) => stored >= 3, 60_000)).toBeGreaterThanOrEqual(3);
    const ranges: string[] = [];
    page.on('request', (request) => {
      const { range } = request.headers();
      if (range && request.resourceType() === 'media') ranges.push(range);
    });
    await logIn(person, 'june', '/e/0367/recordings');
    const rows = page.getByRole('table').getByRole('row');
    await rows.nth(3).waitFor();
    await page.getByLabel('Телефон').fill('291110022');
    await expect.poll(() => rows.count(), PATIENT).toBe(2);
    await rows.nth(1).getByRole('link').click();
    const dialog = page.getByRole('dialog', { name: /Запись/ });
    const audio = dialog.locator('audio');
    await expect
      .poll(() => audio.evaluate((element: HTMLAudioElement) => element.duration), PATIENT)
      .toBeCloseTo(34, 0);
    await audio.evaluate((element: HTMLAudioElement) => element.play());
    await expect
      .poll(() => audio.evaluate((element: HTMLAudioElement) => element.currentTime), PATIENT)
      .toBeGreaterThan(0);
    expect(ranges).not.toEqual([]);
    await expectAccessible(page, 'a recording');

    await dialog.getByRole('button', { name: 'Хранить всегда' }).click();
    await dialog.getByRole('button', { name: 'Снять с хранения' }).waitFor();
    expect(await dialog.getByRole('button', { name: 'Удалить' }).isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Снять с хранения' }).click();
    await dialog.getByRole('button', { name: 'Хранить всегда' }).waitFor();
    await dialog.getByRole('button', { name: 'Удалить' }).click();
    await page
      .getByRole('dialog', { name: 'Удалить запись?' })
      .getByRole('button', { name: 'Удалить' })
      .click();
    await page.getByText('Запись удалена').waitFor();
    await page.getByText('Ничего не найдено').waitFor();
  });

  test('ask before recordings are kept for a shorter time', async () => {
    const { page } = person;
    await logIn(person, 'june', '/e/0367/recordings');
    await page.getByRole('button', { name: 'Настройки записей' }).click();
    const dialog = page.getByRole('dialog', { name: 'Настройки записей' });
    await dialog.getByLabel('Сколько дней хранить').fill('30');
    await dialog.getByRole('button', { name: 'Сохранить' }).click();
    const question = page.getByRole('dialog', { name: 'Хранить меньше?' });
    await question.getByRole('button', { name: 'Отмена' }).click();
    await dialog.getByLabel('Сколько дней хранить').fill('120');
    await dialog.getByRole('button', { name: 'Сохранить' }).click();
    await page.getByText('Настройки сохранены').waitFor();
    const [row] = await db`
      select recordings -> 'retention_days' as days from enterprises where number = '0367'`;
    expect(row).toEqual({ days: 120 });
  });

  test('show a chat as it comes, and the operator writes, gives it away and closes it', async () => {
    const { page } = person;
    await logIn(person, 'admin', '/chats');
    await page.getByText('Обновляется само').waitFor();
    const name = `Павел ${Date.now() % 10_000}`;
    const visitor = await visitorAsks(name, 'Сколько стоит доставка?');
    await page
      .getByRole('link', { name })
      .or(page.getByRole('row').filter({ hasText: name }))
      .first()
      .click();
    const talk = page.getByRole('log', { name: 'Переписка' });
    await talk.getByText('Сколько стоит доставка?').waitFor();
    await visitor.say('И сегодня ли?');
    await talk.getByText('И сегодня ли?').waitFor();
    await page.getByLabel('Сообщение посетителю').fill('Сегодня, бесплатно');
    await page.keyboard.press('Enter');
    await talk.getByText('Сегодня, бесплатно').waitFor();
    expect(
      await eventually(visitor.heard, (text) => text.includes('Сегодня, бесплатно')),
    ).toContain('Сегодня, бесплатно');
    await expectAccessible(page, 'a chat');
    await page.getByRole('combobox', { name: 'Передать менеджеру…' }).selectOption({ index: 1 });
    await page.getByRole('dialog').getByRole('button', { name: 'Передать' }).click();
    await page.getByText('ведёт', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Завершить чат' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Завершить чат' }).click();
    await page.getByText('Чат завершён: написать в него нельзя.').waitFor();
  });

  test('of servers and chats are closed to an enterprise admin, who has recordings', async () => {
    const { page } = person;
    await logIn(person, 'june');
    const menu = page.getByRole('navigation').first();
    await menu.getByRole('link', { name: 'Записи' }).waitFor();
    expect(await menu.innerText()).not.toMatch(/Хостинг|Чаты/);
    const asked: string[] = [];
    page.on('request', (request) => {
      if (/\/admin\/hosting|\/api\/(chats|managers)/.test(request.url())) asked.push(request.url());
    });
    for (const path of ['/hosting', '/chats']) {
      await page.goto(`${WEB}/ui${path}`);
      await page.getByText('Доступ запрещён').waitFor();
    }
    expect(asked).toEqual([]);
  });

  test('fit a telephone: nothing sticks out at 360 px', { timeout: 180_000 }, async () => {
    const { page } = person;
    await page.setViewportSize({ width: 360, height: 740 });
    await logIn(person, 'admin');
    for (const path of [
      '/hosting',
      '/hosting?tab=payments',
      '/hosting?tab=projects',
      '/hosting?tab=stats',
      '/e/0367/recordings',
      '/e/0367/recordings?tab=gaps',
      '/e/0367/recordings?tab=usage',
      '/chats',
      '/chats?tab=managers',
      '/chats?tab=stats',
    ]) {
      await page.goto(`${WEB}/ui${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, path).toBeLessThanOrEqual(360);
    }
  });
});
