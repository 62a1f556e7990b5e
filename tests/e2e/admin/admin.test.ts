import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { ADMIN_PAGES } from '../../support/admin-pages.ts';
import { findChromium, launchChromium } from '../../support/chromium.ts';
import { control, crm, db, eventually, freshStart, post } from '../stack.ts';
import { expectAccessible, logIn, openWindow, type Person, WEB } from './person.ts';

const chromium = findChromium();
if (!chromium)
  console.warn(
    'No Chromium here (apt-get install chromium, or CHROMIUM_PATH): browser tests skipped',
  );

const TOKEN = '375290000001';
const KEY = 'demo-key-0367';
const NEW_KEY = 'demo-key-0367-renewed';
const PATIENT = { timeout: 15_000 };
let counter = 0;

/** A call of 0367 as the box posts it, up to its end. */
async function makeCall(): Promise<{ uniqueId: string; phone: string }> {
  counter += 1;
  const uniqueId = `${Math.floor(Date.now() / 1000)}.8${counter}`;
  const phone = `37529111${7000 + counter}`;
  const call = {
    Token: TOKEN,
    UniqueId: uniqueId,
    Phone: phone,
    Trunk: '0001363',
    CallType: 0,
    Extensions: ['150', '151'],
  };
  await post('/start', call);
  await post('/dial', call);
  await post('/hangup', { ...call, CallStatus: '2', Extensions: ['151'] });
  return { uniqueId, phone };
}

/** A sine as a box records it: 8 kHz, 16 bit, one channel. */
function toneOfSeconds(seconds: number): Buffer {
  const samples = 8_000 * seconds;
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(8_000, 24);
  wav.writeUInt32LE(16_000, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(samples * 2, 40);
  for (let index = 0; index < samples; index += 1)
    wav.writeInt16LE(Math.round(Math.sin(index / 3) * 12_000), 44 + index * 2);
  return wav;
}

/** `375291117001` as the pages show it. */
const shown = (phone: string): string =>
  phone.replace(/^(375)(\d\d)(\d{3})(\d\d)(\d\d)$/, '+$1 $2 $3-$4-$5');

describe.skipIf(!chromium)('the admin pages', () => {
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

  test('let nobody in without a login, and say plainly when it is wrong', async () => {
    const { page } = person;
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

  test('end with the session: logged out, the next look shows the login', async () => {
    const { page } = person;
    await logIn(person, 'june');
    await page.getByRole('button', { name: /Учётная запись/ }).click();
    await page.getByRole('menuitem', { name: 'Выйти', exact: true }).click();
    await page.getByLabel('Логин').waitFor();
    await page.goto(`${WEB}/ui/e/0367/deliveries`);
    await page.getByLabel('Логин').waitFor();
  });

  test('of another enterprise are closed to an enterprise admin, by whatever address', async () => {
    const { page } = person;
    await logIn(person, 'june');
    const asked: string[] = [];
    page.on('response', (response) => {
      if (/\/(enterprise|api\/enterprises)\/0368|\/admin\//.test(response.url()) && response.ok())
        asked.push(response.url());
    });
    for (const path of ['/e/0368', '/e/0368/calls', '/e/0368/integrations', '/e/0368/deliveries']) {
      await page.goto(`${WEB}/ui${path}`);
      await page.getByText('Доступ запрещён').waitFor();
    }
    expect(asked).toEqual([]);
    const statuses = await page.evaluate(async () => {
      const paths = [
        '/enterprise/0368/calls',
        '/enterprise/0368/integrations/config',
        '/api/enterprises',
        '/admin/overview',
      ];
      return Promise.all(paths.map(async (path) => (await fetch(path)).status));
    });
    expect(statuses).toEqual([403, 403, 403, 403]);
    const menu = await page.getByRole('navigation').first().innerText();
    expect(menu).not.toContain('Оператор');
  });

  test('show a call while it is under way, and its deliveries as they arrive', async () => {
    const { page } = person;
    await logIn(person, 'june', '/e/0367/calls');
    await page.getByText('В прямом эфире').waitFor();
    counter += 1;
    const uniqueId = `${Math.floor(Date.now() / 1000)}.8${counter}`;
    const phone = `37529111${7000 + counter}`;
    const call = {
      Token: TOKEN,
      UniqueId: uniqueId,
      Phone: phone,
      Trunk: '0001363',
      CallType: 0,
      Extensions: ['150', '151'],
    };
    await post('/start', call);
    await post('/dial', call);
    const card = page.getByRole('link', { name: new RegExp(shown(phone).replaceAll('+', '\\+')) });
    await card.getByText('Звонит').waitFor();
    await card.click();
    await page.getByRole('heading', { name: 'Как шёл звонок' }).waitFor();
    await post('/hangup', { ...call, CallStatus: '2', Extensions: ['151'] });
    await page.getByRole('definition').getByText('Отвечен').first().waitFor();
    const delivered = page
      .getByRole('listitem')
      .filter({ hasText: 'RetailCRM' })
      .filter({ hasText: 'Завершение' });
    await delivered.getByText('Доставлено').waitFor();
    await expectAccessible(page, 'a call');
  });

  test('play a recording, with its waveform', async () => {
    const { page } = person;
    const { phone } = await makeCall();
    await page.route('**/r/*.wav', (route) =>
      route.fulfill({ contentType: 'audio/wav', body: toneOfSeconds(3) }),
    );
    await page.route('**/enterprise/0367/calls/*-*', async (route) => {
      const response = await route.fetch();
      const recordings = [
        {
          id: '01a00000-0000-7000-8000-000000000151',
          unique_id: '1795272446.357',
          link: '/r/tone.wav',
          content_type: 'audio/wav',
          size: 48_044,
          duration: 3,
          truncated: false,
          hold: false,
        },
      ];
      await route.fulfill({
        response,
        json: { ...((await response.json()) as object), recordings },
      });
    });
    await logIn(person, 'june', `/e/0367/calls?phone=${phone}`);
    await page.getByRole('row').getByRole('link').first().click();
    const player = page.getByRole('figure', { name: 'Запись разговора' });
    const audio = player.locator('audio');
    await expect
      .poll(() => audio.evaluate((element: HTMLAudioElement) => element.duration), PATIENT)
      .toBeCloseTo(3, 0);
    await audio.evaluate((element: HTMLAudioElement) => element.play());
    await expect
      .poll(() => audio.evaluate((element: HTMLAudioElement) => element.currentTime), PATIENT)
      .toBeGreaterThan(0);
    // The waveform's own styles are in force: its canvases are as high as it says.
    const height = await player.locator('.canvases').evaluate((canvases) => canvases.clientHeight);
    expect(height).toBe(64);
  });

  test('switch an integration off and on, and open its settings', async () => {
    const { page } = person;
    await logIn(person, 'june', '/e/0367/integrations');
    const card = page.getByRole('article', { name: 'RetailCRM' });
    await card.getByText('Активно').waitFor();
    await card.getByRole('switch').click();
    await card.getByText('Отключено').waitFor();
    expect(await card.getByRole('button', { name: /Настроить/ }).isDisabled()).toBe(true);
    await card.getByRole('switch').click();
    const dialog = page.getByRole('dialog', { name: /Настройки интеграции/ });
    await dialog.waitFor();
    await expectAccessible(page, 'settings of an integration');
    await dialog.getByRole('textbox', { name: 'Ключ API' }).fill('русский ключ');
    await dialog.getByText('Значение не похоже на правильное').waitFor();
    await dialog.getByRole('button', { name: '❌ Отмена' }).click();
    await card.getByText('Активно').waitFor();
  });

  test('flip a switch back when it could not be saved', async () => {
    const { page } = person;
    await logIn(person, 'june', '/e/0367/integrations');
    const card = page.getByRole('article', { name: 'RetailCRM' });
    await card.getByText('Активно').waitFor();
    await page.route('**/integrations/config', (route) =>
      route.request().method() === 'POST' ? route.abort() : route.continue(),
    );
    await card.getByRole('switch').click();
    await page.getByText('Ошибка соединения').waitFor();
    expect(await card.getByRole('switch').isChecked()).toBe(true);
  });

  test('tell of a key that broke, and after it was mended all that waited arrives', async () => {
    const { page } = person;
    try {
      await logIn(person, 'june', '/e/0367/integrations');
      const card = page.getByRole('article', { name: 'RetailCRM' });
      await card.getByText('Активно').waitFor();
      await control('retailcrm/demo', { key: NEW_KEY });
      const { uniqueId, phone } = await makeCall();
      await card.getByText('Приостановлено').waitFor();
      await card.getByText('Ключ API неверный').waitFor();
      await page
        .locator('[data-log]')
        .filter({ hasText: shown(phone) })
        .first()
        .waitFor();

      await card.getByRole('button', { name: /Настроить/ }).click();
      const dialog = page.getByRole('dialog', { name: /Настройки интеграции/ });
      await dialog.getByRole('button', { name: '🔍 Тест соединения' }).click();
      await dialog.getByText('Ключ API неверный').waitFor();
      await dialog.getByRole('textbox', { name: 'Ключ API' }).fill(NEW_KEY);
      await dialog.getByRole('button', { name: '🔍 Тест соединения' }).click();
      await dialog.getByText('Соединение работает').waitFor();
      await dialog.getByRole('button', { name: '💾 Сохранить' }).click();
      await card.getByText('Активно').waitFor();
      const entries = async () =>
        (await crm()).journal.filter(({ externalId }) => externalId === uniqueId);
      expect(await eventually(entries, ({ length }) => length === 1)).toHaveLength(1);

      // Sent again by hand from its own dialog: the CRM hears of it once more.
      await page.goto(
        `${WEB}/ui/e/0367/deliveries?integration=retailcrm&step=hangup&call=${uniqueId}`,
      );
      await page.getByRole('link', { name: /RetailCRM/ }).click();
      const delivery = page.getByRole('dialog', { name: 'Доставка' });
      await delivery.getByText('Доставлено').waitFor();
      const attempts = delivery.locator('summary');
      const before = await attempts.count();
      await delivery.getByRole('button', { name: 'Повторить' }).click();
      await page.getByText('1 доставка отправлена снова').waitFor();
      await expect.poll(() => attempts.count(), PATIENT).toBeGreaterThan(before);
    } finally {
      await control('retailcrm/demo', { key: KEY });
      await db`update integration_states set paused_at = null where integration_type = 'retailcrm'`;
    }
  });

  test.each(
    Object.entries(ADMIN_PAGES).flatMap(([login, paths]) =>
      paths.map((path) => [login, path] as const),
    ),
  )('have no serious fault of accessibility: as %s, %s', async (login, path) => {
    const { page } = person;
    await logIn(person, login);
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(`${WEB}/ui${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      await expectAccessible(page, `${path} ${scheme}`);
    }
  });

  test('keep a hundred thousand calls smooth: only what is seen is in the document', async () => {
    const { page } = person;
    await db`
      insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, started_at, last_event_at, ended_at, wait_seconds, talk_seconds)
      select gen_random_uuid(), '0368', 'many.' || n, 'in', 'missed', '375291200000', now() - n * interval '1 minute', now(), now(), 5, 0
      from generate_series(1, 100000) as n`;
    await logIn(person, 'admin', '/e/0368/calls');
    const table = page.getByRole('table', { name: 'История звонков' });
    const rows = table.getByRole('row');
    await rows.nth(5).waitFor();
    for (let page = 0; page < 15; page += 1) {
      await table
        .locator('> div')
        .evaluate((scroller) => scroller.scrollTo(0, scroller.scrollHeight));
      await rows.nth(5).waitFor();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const last = Number(await rows.last().getAttribute('aria-rowindex'));
    expect(last).toBeGreaterThan(1_000);
    expect(await rows.count()).toBeLessThan(80);
  });

  test('fit a telephone: nothing sticks out at 360 px', async () => {
    const { page } = person;
    await page.setViewportSize({ width: 360, height: 740 });
    await logIn(person, 'june');
    for (const path of ADMIN_PAGES.june) {
      await page.goto(`${WEB}/ui${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, path).toBeLessThanOrEqual(360);
    }
    await page.getByRole('button', { name: 'Меню' }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'Звонки' }).click();
    await page.getByRole('heading', { level: 1, name: 'Звонки' }).waitFor();
  });

  test('speak English when somebody chose so, and remember it', async () => {
    const { page } = person;
    await logIn(person, 'june');
    await page.getByRole('button', { name: /Учётная запись/ }).click();
    await page.getByRole('menuitem', { name: 'English' }).click();
    await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
  });
});
