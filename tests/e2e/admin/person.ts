import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { test as base, expect } from 'vitest';

import { launchChromium } from '../../support/chromium.ts';
import { ports } from '../stack.ts';

export const WEB = `http://127.0.0.1:${ports.web}`;
const PASSWORD = 'trunkline-local';
/** For what comes by a queue, a schedule or a peer. */
export const PATIENT = { timeout: 20_000 };

type Fixtures = {
  browser: Browser;
  /** A window of somebody who is not logged in yet. It fails its test when a page breaks or is refused something by the content security policy. */
  page: Page;
};

export const test = base.extend<Fixtures>({
  browser: [
    async ({}, use) => {
      const browser = await launchChromium();
      await use(browser);
      await browser.close();
    },
    { scope: 'file' },
  ],
  page: async ({ browser }, use) => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'ru-RU',
    });
    const page = await context.newPage();
    const faults = watchFaults(page);
    page.setDefaultTimeout(PATIENT.timeout);
    await use(page);
    await context.close();
    expect(faults).toEqual([]);
  },
});

function watchFaults(page: Page): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    // What the server refuses is written there by the browser itself.
    if (/Content Security Policy/i.test(text)) faults.push(text);
    else if (message.type() === 'error' && !text.startsWith('Failed to load resource'))
      faults.push(text);
  });
  return faults;
}

export async function logIn(page: Page, login: string, path = '/'): Promise<void> {
  await page.goto(`${WEB}/ui${path}`);
  await page.getByLabel('Логин').fill(login);
  await page.getByRole('textbox', { name: 'Пароль' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Войти' }).click();
  await page.getByRole('banner').waitFor();
}

/** Goes to a page and waits until it has all that it asks for. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(`${WEB}/ui${path}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForLoadState('networkidle');
}

/** No serious fault of accessibility, on the page as it stands. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  expect(serious, what).toEqual([]);
}

/** Nothing sticks out of a telephone's screen. */
export async function expectToFit(page: Page, paths: string[]): Promise<void> {
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of paths) {
    await open(page, path);
    const out = await page.evaluate(() => {
      if (document.documentElement.scrollWidth <= innerWidth) return [];
      const all = [...document.querySelectorAll('body *')];
      return all
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
        .map(({ outerHTML }) => outerHTML.slice(0, 160));
    });
    expect(out, path).toEqual([]);
  }
}
