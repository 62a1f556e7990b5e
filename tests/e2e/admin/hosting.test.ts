import { beforeAll, describe, expect } from 'vitest';

import { db, freshStart } from '../stack.ts';
import { expectAccessible, logIn, PATIENT, test } from './person.ts';

describe('the page of servers', () => {
  beforeAll(freshStart);

  test('show servers at once and sync behind them; a price is changed where it stands', async ({
    page,
  }) => {
    await logIn(page, 'admin', '/hosting');
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

  test('say of a price that nobody knows that it is unknown', async ({ page }) => {
    await logIn(page, 'admin', '/hosting?q=bot-1-1065');
    const row = page.getByRole('row').filter({ hasText: 'bot-1-1065' });
    await row.waitFor();
    const price = row.getByRole('button', { name: 'Цена: bot-1-1065' });
    await expect.poll(() => price.innerText(), PATIENT).toContain('неизвестно');
    expect(await row.innerText()).not.toMatch(/(^|\s)0 ₽/);
  });

  test('take a server off the page after asking, and in again from Timeweb', async ({ page }) => {
    await logIn(page, 'admin', '/hosting?q=bot-1-1072');
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

  test('show in the calendar who owes, and a payment moves the next date', async ({ page }) => {
    const owes = () => db`
      select next_payment_date::text as next from hosting_servers where timeweb_id = 1054`;
    const [before] = await owes();
    await logIn(page, 'admin', '/hosting?tab=payments');
    const due = page.getByRole('listitem').filter({ hasText: 'crm-1054' });
    await due.getByText('Просрочено').first().waitFor();
    await due.getByRole('link').first().click();
    const server = page.getByRole('dialog', { name: 'crm-1054' });
    await server.getByRole('tab', { name: 'Платежи' }).click();
    await expectAccessible(page, "a server's payments");
    await server.getByRole('button', { name: 'Записать платёж' }).click();
    await page.getByText('Платёж записан').waitFor();
    await expect.poll(async () => (await owes())[0]?.['next'], PATIENT).not.toBe(before?.['next']);
    await page.keyboard.press('Escape');
    await due.getByText('Оплачен').first().waitFor();
  });

  test('take a server that is added by hand, of which Timeweb knows nothing', async ({ page }) => {
    await logIn(page, 'admin', '/hosting');
    await page.getByRole('button', { name: 'Добавить сервер' }).click();
    const dialog = page.getByRole('dialog', { name: 'Новый сервер' });
    await dialog.getByLabel('Название').fill('Шлюз в подвале');
    await expectAccessible(page, 'a new server');
    await dialog.getByRole('button', { name: 'Добавить сервер' }).click();
    await page.getByLabel('Поиск').fill('подвал');
    await page.getByRole('row').filter({ hasText: 'Шлюз в подвале' }).waitFor();
    const [row] = await db`
      select auto_sync, timeweb_id, cost_price from hosting_servers where server_name = 'Шлюз в подвале'`;
    expect(row).toEqual({ auto_sync: false, timeweb_id: null, cost_price: null });
  });
});
