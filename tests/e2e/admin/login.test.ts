import { beforeAll, describe, expect } from 'vitest';

import type { Auth } from '../../../shared/contract.ts';
import { contracts } from '../../../shared/contracts.ts';
import { ADMIN_PAGES } from '../../support/admin-pages.ts';
import { db, freshStart } from '../stack.ts';
import { expectAccessible, logIn, test, WEB } from './person.ts';

/** The operator's pages, and those of an enterprise with another's number in the address. */
const CLOSED_PAGES = [
  ...ADMIN_PAGES.admin.filter((path) => path !== '/' && !path.startsWith('/e/')),
  ...ADMIN_PAGES.june
    .filter((path) => path.startsWith('/e/0367'))
    .map((path) => path.replace('0367', '0368')),
  '/e/0368/calls/01990000-0000-7000-8000-000000000000',
];

const CLOSED: ReadonlySet<Auth> = new Set([
  'enterprise',
  'enterprise or secret',
  'superadmin',
  'superadmin or key',
]);

/** All that the API gives out about another enterprise, or to the operator only. */
function closedAddresses(id: string): string[] {
  return contracts
    .filter(({ method, auth }) => method === 'GET' && CLOSED.has(auth))
    .map(({ path }) =>
      path
        .replaceAll(/\{(enterprise_)?number\}/g, '0368')
        .replace('{type}', 'retailcrm')
        .replaceAll(/\{\w+\}/g, id),
    );
}

describe('the admin pages', () => {
  beforeAll(freshStart);

  test('let nobody in without a login, and say plainly when it is wrong', async ({ page }) => {
    await page.goto(`${WEB}/ui/e/0367/calls`);
    await expectAccessible(page, 'login');
    await page.getByLabel('Логин').fill('june');
    await page.getByRole('textbox', { name: 'Пароль' }).fill('guessed');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Неверный логин или пароль').waitFor();
    await page.getByRole('textbox', { name: 'Пароль' }).fill('trunkline-local');
    await page.keyboard.press('Enter');
    // One lands where one wanted to go.
    await page.getByRole('heading', { level: 1, name: 'Звонки' }).waitFor();
    const kept = await page.evaluate(() =>
      JSON.stringify([document.cookie, Object.entries(localStorage), location.href]),
    );
    expect(kept).not.toContain('session_token');
  });

  test('load only what is theirs, and are framed by nobody', async ({ browser }) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const response = await page.goto(`${WEB}/ui/`);
    expect(response?.headers()).toMatchObject({
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'x-content-type-options': 'nosniff',
      'referrer-policy': expect.any(String),
    });
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.injected = true';
      document.body.append(script);
      return 'injected' in globalThis;
    });
    expect(ran).toBe(false);
    await context.close();
  });

  test('end with the session: logged out, the next look shows the login', async ({ page }) => {
    await logIn(page, 'june');
    await page.getByRole('button', { name: /Учётная запись/ }).click();
    await page.getByRole('menuitem', { name: 'Выйти', exact: true }).click();
    await page.getByLabel('Логин').waitFor();
    await page.goto(`${WEB}/ui/e/0367/deliveries`);
    await page.getByLabel('Логин').waitFor();
  });

  test('end everywhere, when somebody wants that', async ({ page, browser }) => {
    await logIn(page, 'june');
    const elsewhere = await browser.newContext();
    const other = await elsewhere.newPage();
    await logIn(other, 'june');
    await page.getByRole('button', { name: /Учётная запись/ }).click();
    await page.getByRole('menuitem', { name: 'Выйти на всех устройствах' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: 'Выйти на всех устройствах' })
      .click();
    await page.getByLabel('Логин').waitFor();
    await other.reload();
    await other.getByLabel('Логин').waitFor();
    await elsewhere.close();
  });

  test('of another enterprise and of the operator are closed to an enterprise admin, by whatever address', async ({
    page,
  }) => {
    await logIn(page, 'june');
    const menu = page.getByRole('navigation').first();
    await menu.getByRole('link', { name: 'Записи' }).waitFor();
    expect(await menu.innerText()).not.toMatch(
      /Оператор|Предприятия|Службы|Журнал|Ключи|Хостинг|Чаты/,
    );

    const own = /^\/(api\/auth|enterprise\/0367|r)\//;
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (!pathname.startsWith('/ui/') && !own.test(pathname)) asked.push(pathname);
    });
    for (const path of CLOSED_PAGES) {
      await page.goto(`${WEB}/ui${path}`);
      await page.getByText('Доступ запрещён').waitFor();
    }
    expect(asked).toEqual([]);
  });

  test('of another enterprise stay closed when its addresses are asked for by hand', async ({
    page,
  }) => {
    await logIn(page, 'june');
    const [call] = await db`
      insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, started_at, last_event_at)
      values (gen_random_uuid(), '0368', 'closed.1', 'in', 'missed', '375291200001', now(), now())
      returning id`;
    const addresses = closedAddresses(String(call?.['id']));
    expect(addresses.length).toBeGreaterThan(40);
    const open = await page.evaluate(async (asked) => {
      const answers = asked.map(async (address) => `${(await fetch(address)).status} ${address}`);
      return (await Promise.all(answers)).filter((answer) => !answer.startsWith('403 '));
    }, addresses);
    expect(open).toEqual([]);
  });

  test('speak English when somebody chose so, and remember it', async ({ page }) => {
    await logIn(page, 'june');
    await page.getByRole('button', { name: /Учётная запись/ }).click();
    await page.getByRole('menuitem', { name: 'English' }).click();
    await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
  });
});
