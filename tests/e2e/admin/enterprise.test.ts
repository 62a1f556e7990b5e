import { beforeAll, describe, expect } from 'vitest';

import { control, db, freshStart } from '../stack.ts';
import { expectAccessible, logIn, PATIENT, test } from './person.ts';

describe('the pages of one enterprise', () => {
  beforeAll(async () => {
    await freshStart();
    const phones = { ringAgentMs: 1_500, ringClientMs: 1_500, talkMs: 8_000 };
    await control('asterisk/0367', { mode: 'ok', phones });
  });

  test.for([
    ['june', '/e/0367/box'],
    ['admin', '/enterprises/0367'],
  ] as const)('place a test call and follow it to its end: %s', async ([login, path], { page }) => {
    await logIn(page, login, path);
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

  test('say in plain words why a call was not placed', async ({ page }) => {
    try {
      await control('asterisk/0367', { mode: 'stopped' });
      await logIn(page, 'june', '/e/0367/box');
      await page.getByLabel('Сотрудник').and(page.locator('input')).fill('150');
      await page.getByLabel('Куда звонить').fill('375291116002');
      await page.getByRole('button', { name: 'Позвонить' }).click();
      await page.getByRole('alert').getByText('Asterisk на машине не запущен').waitFor(PATIENT);
    } finally {
      await control('asterisk/0367', { mode: 'ok' });
    }
  });

  test('add a user, who may then log in, and turn them off', async ({ page }) => {
    await logIn(page, 'june', '/e/0367/users');
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

  test('set the order of the CRMs, keep it, and tell whom a call would reach', async ({ page }) => {
    await logIn(page, 'june', '/e/0367/redirect');
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

  test('keep the names of employees and lines: one by one, and as a pasted list', async ({
    page,
  }) => {
    await logIn(page, 'june', '/e/0367/box?tab=extensions');
    const row = (name: string) => page.getByRole('row').filter({ hasText: name });
    await row('Анна').waitFor();
    await page.getByRole('button', { name: 'Добавить' }).click();
    const form = page.getByRole('dialog', { name: 'Новый сотрудник' });
    await form.getByLabel('Внутр. номер').fill('150');
    await form.getByText('Такой номер уже есть').waitFor();
    await form.getByLabel('Внутр. номер').fill('160');
    await form.getByLabel('Имя').fill('Зоя');
    await form.getByLabel('Мобильный').fill('+375 29 111-00-60');
    await expectAccessible(page, 'an employee');
    await form.getByRole('button', { name: 'Сохранить' }).click();
    await row('Зоя').getByText('+375 29 111-00-60').waitFor();

    await page.getByRole('button', { name: 'Вставить списком' }).click();
    const paste = page.getByRole('dialog', { name: 'Вставить списком' });
    await paste
      .getByRole('textbox', { name: 'Список' })
      .fill('номер;имя\n160;Зоя Юрко\n16a;Кто-то');
    await paste.getByText('Не разобрать строк: 1. Первая — 3: 16a;Кто-то').waitFor();
    await paste
      .getByRole('textbox', { name: 'Список' })
      .fill('номер;имя\n160;Зоя Юрко;375291110060\n161;Лев');
    await paste.getByText('Добавится: 1, изменится: 1, удалится: 0.').waitFor();
    await expectAccessible(page, 'a pasted list');
    await paste.getByRole('button', { name: 'Применить' }).click();
    await row('Лев').waitFor();
    await row('Зоя Юрко').waitFor();
    await row('Лев').getByRole('button', { name: 'Удалить' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Удалить' }).click();
    await row('Лев').waitFor({ state: 'detached' });
    const stored = await db`
      select extension, name, mobile from extensions
      where enterprise_number = '0367' and extension in ('150', '160', '161') order by extension`;
    expect([...stored]).toEqual([
      { extension: '150', name: 'Анна', mobile: null },
      { extension: '160', name: 'Зоя Юрко', mobile: '375291110060' },
    ]);

    await page.getByRole('tab', { name: 'Линии' }).click();
    await row('Склад').getByRole('button', { name: 'Изменить' }).click();
    await page.getByRole('dialog').getByLabel('Название').fill('Склад № 2');
    await page.getByRole('dialog').getByRole('button', { name: 'Сохранить' }).click();
    await row('Склад № 2').waitFor();
  });
});
