import { beforeAll, describe, expect } from 'vitest';

import { db, freshStart } from '../stack.ts';
import { expectAccessible, logIn, PATIENT, test, WEB } from './person.ts';

describe("the operator's pages of enterprises", () => {
  beforeAll(freshStart);

  test('make an enterprise: its token and secret are shown once, and its page opens', async ({
    page,
  }) => {
    await logIn(page, 'admin', '/enterprises');
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

  test('take a new host key only after somebody said that it is right', async ({ page }) => {
    const stored = await db`select ssh_host_key from enterprises where number = '0368'`;
    try {
      await db`update enterprises set ssh_host_key = 'SHA256:another' where number = '0368'`;
      await logIn(page, 'admin', '/e/0368/box');
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

  test('make an API key, and end it after a question', async ({ page }) => {
    await logIn(page, 'admin', '/keys');
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
