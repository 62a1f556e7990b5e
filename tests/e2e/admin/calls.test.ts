import { readFile } from 'node:fs/promises';

import type { Download } from 'playwright-core';
import { beforeAll, describe, expect } from 'vitest';

import { db, eventually, freshStart, invoke } from '../stack.ts';
import { hangUp, newCall, ring, shown } from './call.ts';
import { expectAccessible, logIn, PATIENT, test, WEB } from './person.ts';

describe('the pages of calls', () => {
  beforeAll(freshStart);

  test('show a call while it is under way, and its deliveries as they arrive', async ({ page }) => {
    await logIn(page, 'june', '/e/0367/calls');
    await page.getByText('В прямом эфире').waitFor();
    const call = newCall();
    await ring(call);
    const card = page.getByRole('link', { name: shown(call.Phone) }).first();
    await card.getByText('Звонит').waitFor();
    await card.click();
    await page.getByRole('heading', { name: 'Как шёл звонок' }).waitFor();
    await hangUp(call);
    await page.getByRole('definition').getByText('Отвечен').first().waitFor();
    const delivered = page
      .getByRole('listitem')
      .filter({ hasText: 'RetailCRM' })
      .filter({ hasText: 'Завершение' });
    await delivered.getByText('Доставлено').waitFor();
    await expectAccessible(page, 'a call');
  });

  test('play the recording of a call, with its waveform', async ({ page }) => {
    await invoke('recordings-sync');
    const find = () => db`
      select call_id
      from recordings
      where enterprise_number = '0367'
        and state = 'stored'
        and call_id is not null
      limit 1`;
    const [found] = await eventually(find, ({ length }) => length > 0, 60_000);
    await logIn(page, 'june', `/e/0367/calls/${String(found?.['call_id'])}`);
    const player = page.getByRole('figure', { name: 'Запись разговора' });
    const audio = player.locator('audio');
    await expect
      .poll(() => audio.evaluate((element: HTMLAudioElement) => element.duration), PATIENT)
      .toBeGreaterThan(1);
    await audio.evaluate((element: HTMLAudioElement) => element.play());
    await expect
      .poll(() => audio.evaluate((element: HTMLAudioElement) => element.currentTime), PATIENT)
      .toBeGreaterThan(0);
    // The waveform's own styles are in force: its canvases are as high as it says.
    const height = await player.locator('.canvases').evaluate((canvases) => canvases.clientHeight);
    expect(height).toBe(64);
  });

  test('keep a hundred thousand calls smooth: only what is seen is in the document', async ({
    page,
  }) => {
    await db`
      insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, started_at, last_event_at, ended_at, wait_seconds, talk_seconds)
      select gen_random_uuid(), '0368', 'many.' || n, 'in', 'missed', '375291200000', now() - n * interval '1 minute', now(), now(), 5, 0
      from generate_series(1, 100000) as n`;
    await logIn(page, 'admin', '/e/0368/calls');
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

  test('give out a table at once when it is short, and by a job with progress when it is long', async ({
    page,
  }) => {
    await logIn(page, 'june', '/e/0367/calls');
    const short = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Скачать CSV' }).click();
    expect((await short).suggestedFilename()).toBe('calls-0367.csv');
    expect((await linesOf(await short))[0]).toMatch(/^\uFEFFНачало;/);

    await db`
      insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, line, started_at, last_event_at)
      select gen_random_uuid(), '0367', 'long.' || n, 'in', 'busy', '375291200000', repeat('0', 150), now() - n * interval '1 minute', now()
      from generate_series(1, 30000) as n`;
    await page.goto(`${WEB}/ui/e/0367/calls?status=busy`);
    await page.getByRole('button', { name: 'Скачать CSV' }).click();
    const dialog = page.getByRole('dialog', { name: 'Выгрузка звонков' });
    await dialog.getByText(/^Сделано \d+ из 30000$/).waitFor();
    await expectAccessible(page, 'an export under way');
    await invoke('outbox-sweep');
    await dialog.getByText('Готово: 30000').waitFor();
    const long = page.waitForEvent('download');
    await dialog.getByRole('link', { name: 'Скачать файл' }).click();
    expect((await long).suggestedFilename()).toBe('calls-0367.csv');
    expect(await linesOf(await long)).toHaveLength(30_001);
    await db`delete from calls where main_unique_id like 'long.%'`;
  });
});

async function linesOf(download: Download): Promise<string[]> {
  return (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n');
}
