import { beforeAll, describe, expect } from 'vitest';

import { db, eventually, freshStart, invoke } from '../stack.ts';
import { expectAccessible, logIn, PATIENT, test } from './person.ts';

describe('the page of recordings', () => {
  beforeAll(freshStart);

  test('find a recording and play it by parts; it is held, and deleted after asking', async ({
    page,
  }) => {
    await invoke('recordings-sync');
    const count = async () =>
      (await db`select 1 from recordings where enterprise_number = '0367' and state = 'stored'`)
        .length;
    expect(await eventually(count, (stored) => stored >= 3, 60_000)).toBeGreaterThanOrEqual(3);
    const ranges: string[] = [];
    page.on('request', (request) => {
      const { range } = request.headers();
      if (range && request.resourceType() === 'media') ranges.push(range);
    });
    await logIn(page, 'june', '/e/0367/recordings');
    const rows = page.getByRole('table').getByRole('row');
    await rows.nth(3).waitFor();
    await page.getByLabel('Телефон').fill('291110022');
    await expect.poll(() => rows.count(), PATIENT).toBe(2);
    await rows.nth(1).getByRole('link').click();
    const dialog = page.getByRole('dialog', { name: /Запись/ });
    const audio = dialog.locator('audio');
    await expect
      .poll(() => audio.evaluate((element: HTMLAudioElement) => element.duration), PATIENT)
      .toBeCloseTo(34, 0);
    await audio.evaluate((element: HTMLAudioElement) => element.play());
    await expect
      .poll(() => audio.evaluate((element: HTMLAudioElement) => element.currentTime), PATIENT)
      .toBeGreaterThan(0);
    expect(ranges).not.toEqual([]);
    await expectAccessible(page, 'a recording');

    await dialog.getByRole('button', { name: 'Хранить всегда' }).click();
    await dialog.getByRole('button', { name: 'Снять с хранения' }).waitFor();
    expect(await dialog.getByRole('button', { name: 'Удалить' }).isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Снять с хранения' }).click();
    await dialog.getByRole('button', { name: 'Хранить всегда' }).waitFor();
    await dialog.getByRole('button', { name: 'Удалить' }).click();
    await page
      .getByRole('dialog', { name: 'Удалить запись?' })
      .getByRole('button', { name: 'Удалить' })
      .click();
    await page.getByText('Запись удалена').waitFor();
    await page.getByText('Ничего не найдено').waitFor();
  });

  test('ask before recordings are kept for a shorter time', async ({ page }) => {
    await logIn(page, 'june', '/e/0367/recordings');
    await page.getByRole('button', { name: 'Настройки записей' }).click();
    const dialog = page.getByRole('dialog', { name: 'Настройки записей' });
    await dialog.getByLabel('Сколько дней хранить').fill('30');
    await dialog.getByRole('button', { name: 'Сохранить' }).click();
    const question = page.getByRole('dialog', { name: 'Хранить меньше?' });
    await question.getByRole('button', { name: 'Отмена' }).click();
    await dialog.getByLabel('Сколько дней хранить').fill('120');
    await dialog.getByRole('button', { name: 'Сохранить' }).click();
    await page.getByText('Настройки сохранены').waitFor();
    const [row] = await db`
      select recordings -> 'retention_days' as days from enterprises where number = '0367'`;
    expect(row).toEqual({ days: 120 });
  });
});
