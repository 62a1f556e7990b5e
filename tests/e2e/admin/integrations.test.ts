import type { JSONValue } from 'postgres';
import { beforeAll, describe, expect } from 'vitest';

import { control, crm, db, eventually, freshStart, ports } from '../stack.ts';
import { hangUp, makeCall, newCall, ring, shown } from './call.ts';
import { expectAccessible, logIn, PATIENT, test, WEB } from './person.ts';

const ACCOUNT = `http://127.0.0.1:${ports.peers}/retailcrm/august`;
const KEY = 'demo-key-0367';
const NEW_KEY = 'demo-key-0367-renewed';

/** An enterprise with an employee and no CRM, and an account of RetailCRM that nobody has connected yet. */
async function unconnectedEnterprise(number: string): Promise<{ token: string }> {
  const token = `375290${number}00`;
  await db`
    insert into enterprises (number, name, token, secret, ip)
    values (${number}, 'august', ${token}, ${`secret-of-${number}`}, '192.0.2.91')`;
  await db`
    insert into extensions (enterprise_number, extension, name)
    values (${number}, '150', 'Яна'), (${number}, '151', 'Глеб')`;
  const users = [
    { id: 31, code: '151', firstName: 'Глеб', lastName: 'Юрко', email: 'gleb@august.example' },
  ];
  await control('retailcrm/august', { key: `right-key-${number}`, users });
  return { token };
}

describe('the page of integrations', () => {
  beforeAll(freshStart);

  test('connect a CRM from nothing, and the deliveries of the next call arrive while one looks', async ({
    page,
  }) => {
    const { token } = await unconnectedEnterprise('0391');
    await logIn(page, 'admin', '/e/0391/integrations');
    const card = page.getByRole('article', { name: 'RetailCRM' });
    await card.getByText('Отключено').waitFor();
    await page.getByText('Логов пока нет').waitFor();
    await card.getByRole('switch').click();
    await card.getByText('Не настроено').waitFor();
    const dialog = page.getByRole('dialog', { name: /Настройки интеграции/ });
    await dialog.getByRole('textbox', { name: /Адрес RetailCRM/ }).fill(ACCOUNT);
    await dialog.getByRole('textbox', { name: 'Ключ API' }).fill('wrong-key-0391');
    await dialog.getByRole('button', { name: '🔍 Тест соединения' }).click();
    await dialog.getByText('Ключ API неверный').waitFor();
    await dialog.getByRole('textbox', { name: 'Ключ API' }).fill('right-key-0391');
    await dialog.getByRole('button', { name: '🔍 Тест соединения' }).click();
    await dialog.getByText('Соединение работает').waitFor();
    await dialog.getByRole('button', { name: '💾 Сохранить' }).click();
    await card.getByText('Активно').waitFor();

    await card.getByRole('button', { name: /Настроить/ }).click();
    await dialog.getByRole('combobox', { name: 'Пользователь CRM для номера 151' }).click();
    await page.getByRole('option', { name: 'Глеб Юрко' }).click();
    await dialog.getByRole('button', { name: '💾 Сохранить' }).click();
    await dialog.waitFor({ state: 'hidden' });

    const { phone } = await makeCall(token);
    const events = page.getByRole('list', { name: '📋 Последние события' });
    const ended = events
      .getByRole('listitem')
      .filter({ hasText: shown(phone) })
      .filter({ hasText: 'Завершение' });
    await ended.getByText('Успешно').waitFor();
    await ended.getByRole('button').click();
    await page.getByRole('dialog', { name: 'Доставка' }).getByText('Доставлено').waitFor();
  });

  test('see what was not sent, and why', async ({ page }) => {
    await logIn(page, 'june', '/e/0367/integrations');
    const hidden = { ...newCall(), Phone: 'anonymous' };
    await ring(hidden);
    await hangUp(hidden);
    const events = page.getByRole('list', { name: '📋 Последние события' });
    const unsent = events.getByRole('listitem').filter({ hasText: 'Номер не определён' });
    await unsent.first().getByText('Пропущено').waitFor();
  });

  test('switch an integration off and on, and open its settings', async ({ page }) => {
    await logIn(page, 'june', '/e/0367/integrations');
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

  test('flip a switch back when it could not be saved', async ({ page }) => {
    await logIn(page, 'june', '/e/0367/integrations');
    const card = page.getByRole('article', { name: 'RetailCRM' });
    await card.getByText('Активно').waitFor();
    await page.route('**/integrations/config', (route) =>
      route.request().method() === 'POST' ? route.abort() : route.continue(),
    );
    await card.getByRole('switch').click();
    await page.getByText('Ошибка соединения').waitFor();
    expect(await card.getByRole('switch').isChecked()).toBe(true);
  });

  test('tell of a key that broke, and after it was mended all that waited arrives', async ({
    page,
  }) => {
    const [stored] =
      await db`select integrations_config as config from enterprises where number = '0367'`;
    const config = db.json(stored?.['config'] as JSONValue);
    try {
      await logIn(page, 'june', '/e/0367/integrations');
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
      await db`
        update enterprises
        set integrations_config = ${config}, config_version = config_version + 1
        where number = '0367'`;
      await db`update integration_states set paused_at = null where integration_type = 'retailcrm'`;
    }
  });
});
