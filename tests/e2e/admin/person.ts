import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';

import { ports } from '../stack.ts';

export const WEB = `http://127.0.0.1:${ports.web}`;
const PASSWORD = 'trunkline-local';

/** What a page must never do: break, be refused by the content security policy, or ask for what is not there. */
type Faults = { errors: string[]; violations: string[] };
export type Person = { page: Page; faults: Faults };

/** A browser window of somebody who is not logged in yet. */
export async function openWindow(browser: Browser): Promise<Person> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'ru-RU',
  });
  const page = await context.newPage();
  const faults: Faults = { errors: [], violations: [] };
  page.on('pageerror', (error) => faults.errors.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    if (/Content Security Policy/i.test(text)) faults.violations.push(text);
    // What the server refuses is written there by the browser itself.
    else if (message.type() === 'error' && !text.startsWith('Failed to load resource'))
      faults.errors.push(text);
  });
  page.setDefaultTimeout(15_000);
  return { page, faults };
}

export async function logIn({ page }: Person, login: string, path = '/'): Promise<void> {
  await page.goto(`${WEB}/ui${path}`);
  await page.getByLabel('Логин').fill(login);
  await page.getByRole('textbox', { name: 'Пароль' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Войти' }).click();
  await page.getByRole('banner').waitFor();
}

/** No serious fault of accessibility, on the page as it stands. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  expect(serious, what).toEqual([]);
}
