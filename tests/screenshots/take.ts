// Photographs every page of the admin of a running stack: both roles, both themes, desktop and telephone.
// npm run screenshots  (PORT_OFFSET as of the stack; npm run call first, so that there is something to see)
import { mkdirSync } from 'node:fs';
import path from 'node:path';

import type { Browser, Page } from 'playwright-core';

import { portsFor, readPortOffset } from '../../infra/local/ports.ts';
import { ADMIN_PAGES } from '../support/admin-pages.ts';
import { launchChromium } from '../support/chromium.ts';

const WEB = `http://127.0.0.1:${portsFor(readPortOffset()).web}`;
const FOLDER = '.local/screenshots';
const SIZES = {
  desktop: { width: 1440, height: 900 },
  telephone: { width: 360, height: 740 },
  '4k': { width: 3840, height: 2160 },
};
/** The chart's and the waveform's last strokes. */
const SETTLE_MS = 400;

const browser = await launchChromium();
mkdirSync(FOLDER, { recursive: true });
try {
  await photographLogin(browser);
  for (const [login, paths] of Object.entries(ADMIN_PAGES)) await photograph(browser, login, paths);
} finally {
  await browser.close();
}

async function photographLogin(browser: Browser): Promise<void> {
  const context = await browser.newContext();
  await takeAll(await context.newPage(), '/', 'login');
  await context.close();
}

async function photograph(browser: Browser, login: string, paths: string[]): Promise<void> {
  const context = await browser.newContext({ locale: 'ru-RU' });
  const page = await context.newPage();
  await page.goto(`${WEB}/ui/`);
  await page.getByLabel('Логин').fill(login);
  await page.getByRole('textbox', { name: 'Пароль' }).fill('trunkline-local');
  await page.getByRole('button', { name: 'Войти' }).click();
  await page.getByRole('banner').waitFor();
  for (const path of paths) {
    const name = `${login}${path.replaceAll('/', '-').replace(/-$/, '') || '-start'}`;
    await takeAll(page, path, name);
  }
  const [call] = await callIds(page, '0367');
  if (call && login === 'june') await takeAll(page, `/e/0367/calls/${call}`, 'june-e-0367-call');
  await context.close();
}

async function callIds(page: Page, number: string): Promise<string[]> {
  const response = await page.request.get(`${WEB}/enterprise/${number}/calls?limit=1`);
  const { items } = (await response.json()) as { items: { id: string }[] };
  return items.map(({ id }) => id);
}

async function takeAll(page: Page, address: string, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      await page.goto(`${WEB}/ui${address}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      await page.waitForTimeout(SETTLE_MS);
      const file = path.join(FOLDER, `${name}.${size}.${colorScheme}.png`);
      await page.screenshot({ path: file });
      console.log(file);
    }
  }
}
