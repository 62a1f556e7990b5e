import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { findChromium, launchChromium } from '../../support/chromium.ts';
import { control, db, freshStart } from '../stack.ts';
import { expectAccessible, logIn, openWindow, type Person, WEB } from './person.ts';

const chromium = findChromium();
const OPERATORS_PAGES = ['/enterprises', '/enterprises/0368', '/services', '/audit', '/keys'];
const PATIENT = { timeout: 20_000 };

describe.skipIf(!chromium)("the operator's pages", () => {
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

  test('are closed to an enterprise admin, and ask for nothing there', async () => {
    const { page } = person;
    await logIn(person, 'june');
    const asked: string[] = [];
    page.on('request', (request) => {
      if (/\/(admin|api\/(enterprises|audit|keys))(\/|\?|$)/.test(new URL(request.url()).pathname))
        asked.push(request.url());
    });
    for (const path of OPERATORS_PAGES) {
      await page.goto(`${WEB}/ui${path}`);
      await page.getByText('Доступ запрещён').waitFor();
    }
    for (const path of ['/e/0368/box', '/e/0368/users', '/e/0368/redirect']) {
      await page.goto(`${WEB}/ui${path}`);
      await page.getByText('Доступ запрещён').waitFor();
    }
    expect(asked).toEqual([]);
    const menu = await page.getByRole('navigation').first().innerText();
    for (const word of ['Предприятия', 'Службы', 'Журнал', 'Ключи'])
      expect(menu).not.toContain(word);
  });

  test('make an enterprise: its token and secret are shown once, and its page opens', async () => {
    const { page } = person;
    await logIn(person, 'admin', '/enterprises');
    await page.getByRole('button', { name: 'Добавить предприятие' }).click();
    const dialog = page.getByRole('dialog', { name: 'Новое предприятие' });
    await dialog.getByLabel('Номер').fill('0399');
    await dialog.getByLabel('Название').fill('august');
    await dialog.getByLabel('IP-адрес АТС').fill('192.0.2.');
    await dialog.getByText('Нужен IP-адрес').waitFor();
    await dialog.getByLabel('IP-адрес АТС').fill('192.0.2.39');
    await expectAccessible(page, 'a new enterprise');
    await dialog.getByRole('button', { name: 'Создать' }).click();
    const once = page.getByRole('dialog', { name: 'Предприятие 0399 создано' });
    const token = await once.getByRole('textbox', { name: 'Токен АТС' }).inputValue();
    const secret = await once.getByRole('textbox', { name: 'Секрет (clientId)' }).inputValue();
    await expectAccessible(page, 'secrets, shown once');
    await page.keyboard.press('Escape');
    await once.getByRole('button', { name: 'Я сохранил' }).click();
    await page.getByRole('heading', { level: 1, name: '0399 august' }).waitFor();
    const [row] = await db`select token, secret, ip from enterprises where number = '0399'`;
    expect(row).toEqual({ token, secret, ip: '192.0.2.39' });
    expect(await page.locator('body').innerText()).not.toContain(token);

    await page.getByLabel('Название').fill('September');
    await page.getByText('Есть несохранённые изменения').waitFor();
    await page.getByRole('button', { name: 'Сохранить' }).click();
    await page.getByRole('heading', { level: 1, name: '0399 September' }).waitFor();

    await page.getByRole('button', { name: 'Заменить токен' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Заменить' }).click();
    const renewed = page.getByRole('dialog', { name: 'Новый токен АТС' });
    expect(await renewed.getByRole('textbox').inputValue()).not.toBe(token);
    await renewed.getByRole('button', { name: 'Я сохранил' }).click();
    await page.getByText('Прежний токен действует до').waitFor();

    await page.getByRole('button', { name: 'Отключить предприятие' }).click();
    const question = page.getByRole('dialog', { name: /Отключить предприятие 0399/ });
    const action = question.getByRole('button', { name: 'Отключить предприятие' });
    expect(await action.isDisabled()).toBe(true);
    await question.getByRole('textbox').fill('0399');
    await action.click();
    await page.getByRole('button', { name: 'Включить предприятие' }).waitFor();

    await page.goto(`${WEB}/ui/audit?enterprise=0399`);
    await page.getByRole('row').filter({ hasText: 'Предприятие отключено' }).waitFor();
    await page
      .getByRole('link')
      .filter({ hasText: /\d\d:\d\d/ })
      .last()
      .click();
    await page.getByRole('dialog', { name: 'Предприятие создано' }).getByText('august').waitFor();
    await expectAccessible(page, 'an entry of the audit log');
  });

  test('take a new host key only after somebody said that it is right', async () => {
    const { page } = person;
    const stored = await db`select ssh_host_key from enterprises where number = '0368'`;
    try {
      await db`update enterprises set ssh_host_key = 'SHA256:another' where number = '0368'`;
      await logIn(person, 'admin', '/e/0368/box');
      await page.getByText('Ключ SSH у АТС сменился').waitFor(PATIENT);
      await expectAccessible(page, 'a changed host key');
      await page.getByRole('button', { name: 'Принять новый ключ' }).click();
      const question = page.getByRole('dialog', { name: /Принять новый ключ/ });
      await question.getByRole('button', { name: 'Принять новый ключ' }).click();
      await page.getByText('Ключ принят').waitFor(PATIENT);
      await page.getByText('Отвечает', { exact: true }).waitFor(PATIENT);
    } finally {
      await db`update enterprises set ssh_host_key = ${stored[0]?.['ssh_host_key']} where number = '0368'`;
    }
  });

  test('run a schedule now, and show what came of it', async () => {
    const { page } = person;
    await logIn(person, 'admin', '/services');
    const [before] =
      await db`select count(*)::int as count from job_runs where name = 'maintenance'`;
    const row = page.getByRole('row').filter({ hasText: 'maintenance' }).first();
    await row.getByRole('button', { name: 'Запустить: maintenance' }).click();
    await page.getByText('maintenance: запущено').waitFor();
    await row.getByText('Успешно').waitFor(PATIENT);
    const [after] =
      await db`select count(*)::int as count from job_runs where name = 'maintenance'`;
    expect(after?.['count']).toBe(Number(before?.['count']) + 1);
  });

  test('check the storage step by step', async () => {
    const { page } = person;
    await logIn(person, 'admin', '/services');
    await page.getByRole('button', { name: 'Проверить хранилище' }).click();
    await page.getByRole('table', { name: 'Шаги проверки' }).waitFor(PATIENT);
    await expectAccessible(page, 'the check of the storage');
  });

  test('make an API key, and end it after a question', async () => {
    const { page } = person;
    await logIn(person, 'admin', '/keys');
    await page.getByRole('button', { name: 'Создать ключ' }).click();
    const dialog = page.getByRole('dialog', { name: 'Новый ключ API' });
    await dialog.getByLabel('Название').fill('Отчёты');
    await expectAccessible(page, 'a new key');
    await dialog.getByRole('button', { name: 'Создать ключ' }).click();
    const once = page.getByRole('dialog', { name: 'Ключ создан' });
    const key = await once.getByRole('textbox', { name: 'Отчёты' }).inputValue();
    await once.getByRole('button', { name: 'Я сохранил' }).click();
    const row = page.getByRole('row').filter({ hasText: 'Отчёты' });
    expect(await row.innerText()).not.toContain(key);
    await row.getByRole('button', { name: /Отозвать/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Отозвать' }).click();
    await page.getByText('Ключей пока нет').waitFor();
  });
});

describe.skipIf(!chromium)('the pages of one enterprise', () => {
  let browser: Browser;
  let person: Person;
  beforeAll(async () => {
    await freshStart();
    browser = await launchChromium(chromium ?? '');
    const phones = { ringAgentMs: 1_500, ringClientMs: 1_500, talkMs: 8_000 };
    await control('asterisk/0367', { mode: 'ok', phones });
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

  test.each([
    ['june', '/e/0367/box'],
    ['admin', '/enterprises/0367'],
  ])('place a test call and follow it to its end: %s', async (login, path) => {
    const { page } = person;
    await logIn(person, login, path);
    await page.getByLabel('Сотрудник').and(page.locator('input')).fill('150');
    await page.getByLabel('Куда звонить').fill('+375 29 111-60-01');
    await page.getByRole('button', { name: 'Позвонить' }).click();
    await page.getByText('Разговор', { exact: true }).waitFor(PATIENT);
    if (login === 'june')
      await page.getByRole('table', { name: 'Каналы сейчас' }).getByRole('row').nth(1).waitFor();
    await page.getByText('Звонок завершён').waitFor(PATIENT);
    await page.getByRole('link', { name: 'Открыть звонок' }).click();
    await page.getByRole('heading', { name: 'Как шёл звонок' }).waitFor();
  });

  test('say in plain words why a call was not placed', async () => {
    const { page } = person;
    try {
      await control('asterisk/0367', { mode: 'stopped' });
      await logIn(person, 'june', '/e/0367/box');
      await page.getByLabel('Сотрудник').and(page.locator('input')).fill('150');
      await page.getByLabel('Куда звонить').fill('375291116002');
      await page.getByRole('button', { name: 'Позвонить' }).click();
      await page.getByRole('alert').getByText('Asterisk на машине не запущен').waitFor(PATIENT);
    } finally {
      await control('asterisk/0367', { mode: 'ok' });
    }
  });

  test('add a user, who may then log in, and turn them off', async () => {
    const { page } = person;
    await logIn(person, 'june', '/e/0367/users');
    await page.getByRole('button', { name: 'Добавить' }).click();
    const dialog = page.getByRole('dialog', { name: 'Новый пользователь' });
    await dialog.getByLabel('Логин').fill('june-second');
    await dialog.getByRole('button', { name: 'Добавить' }).click();
    const once = page.getByRole('dialog', { name: 'Пароль для входа' });
    const password = await once.getByRole('textbox', { name: 'Пароль' }).inputValue();
    await once.getByRole('button', { name: 'Я сохранил' }).click();
    const body = { login: 'june-second', password };
    const enter = () =>
      page.evaluate(
        async (sent) =>
          (
            await fetch('/api/auth/login', {
              method: 'POST',
              body: JSON.stringify(sent),
              credentials: 'omit',
              headers: { 'content-type': 'application/json' },
            })
          ).status,
        body,
      );
    expect(await enter()).toBe(200);
    const row = page.getByRole('row').filter({ hasText: 'june-second' });
    await row.getByRole('button', { name: 'Отключить' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Отключить' }).click();
    await row.getByText('Отключён').waitFor();
    expect(await enter()).not.toBe(200);
    // Nobody turns themselves off.
    const own = page.getByRole('row').filter({ hasText: /june(?!-)/ });
    expect(await own.getByRole('button', { name: 'Отключить' }).count()).toBe(0);
  });

  test('set the order of the CRMs, keep it, and tell whom a call would reach', async () => {
    const { page } = person;
    await logIn(person, 'june', '/e/0367/redirect');
    const order = page.getByRole('list', { name: 'Кому верим в первую очередь' });
    const first = order.getByRole('listitem').first();
    await first.getByText('RetailCRM').waitFor();
    await order.getByRole('button', { name: /amoCRM: выше/ }).click();
    await order.getByRole('button', { name: /amoCRM: выше/ }).click();
    await page.getByRole('button', { name: 'Сохранить' }).click();
    await page.getByText('Настройки сохранены').waitFor();
    await page.reload();
    await first.getByText('amoCRM').waitFor();
    await page.getByLabel('Кому попадёт звонок с номера').fill('+375 29 999-99-99');
    await page.getByRole('button', { name: 'Проверить' }).click();
    await page.getByText('Звонок пойдёт своим путём').waitFor(PATIENT);
    const lookups = page.getByRole('list', { name: 'Что ответили CRM' });
    expect(await lookups.getByRole('listitem').count()).toBe(3);
    await expectAccessible(page, 'who would get a call');
  });
});
