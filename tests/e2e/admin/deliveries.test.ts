import { beforeAll, describe, expect } from 'vitest';

import { db, eventually, freshStart } from '../stack.ts';
import { makeCall } from './call.ts';
import { expectAccessible, logIn, PATIENT, test } from './person.ts';

describe('the page of deliveries', () => {
  beforeAll(freshStart);

  test('shows what becomes of a call without being asked again', async ({ page }) => {
    await logIn(page, 'june', '/e/0367/deliveries');
    await page.getByText('В прямом эфире').waitFor();
    const listings: string[] = [];
    page.on('request', (request) => {
      if (/\/deliveries\?/.test(request.url())) listings.push(request.url());
    });
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect(listings).toEqual([]);
    const { uniqueId } = await makeCall();
    const [call] = await eventually(
      () => db`select id from calls where main_unique_id = ${uniqueId}`,
      ({ length }) => length > 0,
    );
    const owed = () => db`
      select id, state from deliveries
      where call_id = ${String(call?.['id'])} and step = 'hangup' and integration_type = 'retailcrm'`;
    const [delivery] = await eventually(owed, ([row]) => row?.['state'] === 'delivered');
    const row = page
      .getByRole('row')
      .filter({ has: page.getByLabel(`Выбрать доставку ${String(delivery?.['id'])}`) });
    await row.getByText('Доставлено').waitFor();
  });

  test('sends all again that failed, shows how far it is, and they arrive', async ({ page }) => {
    const { uniqueId } = await makeCall();
    const states = async () => {
      const rows = await db`
        select state from deliveries
        join calls on calls.id = deliveries.call_id
        where main_unique_id = ${uniqueId} and step = 'hangup' and integration_type <> 'amocrm'`;
      return rows.map(({ state }) => String(state));
    };
    const areAll = (state: string) => (found: string[]) =>
      found.length === 2 && found.every((each) => each === state);
    expect(await eventually(states, areAll('delivered'))).toHaveLength(2);
    await db`
      update deliveries set state = 'failed', reason = 'CRM отвечает с ошибкой'
      from calls
      where calls.id = deliveries.call_id and main_unique_id = ${uniqueId} and step = 'hangup'
        and integration_type <> 'amocrm'`;

    await logIn(page, 'june', '/e/0367/deliveries?state=failed');
    const failed = page.getByRole('row').filter({ hasText: 'CRM отвечает с ошибкой' });
    await failed.nth(1).waitFor();
    await page.getByRole('button', { name: 'Повторить все недоставленные' }).click();
    const dialog = page.getByRole('dialog', { name: 'Повторить доставки' });
    expect(await dialog.getByLabel('Не доставлено').isChecked()).toBe(true);
    expect(await dialog.getByLabel('Пропущено').isChecked()).toBe(false);
    await expectAccessible(page, 'bulk replay');
    await dialog.getByRole('button', { name: 'Повторить' }).click();
    await dialog.getByText('Готово: 2').waitFor();
    await dialog.getByRole('button', { name: 'Закрыть' }).last().click();
    expect(await eventually(states, areAll('delivered'))).toEqual(['delivered', 'delivered']);
    await expect.poll(() => failed.count(), PATIENT).toBe(0);
  });
});
