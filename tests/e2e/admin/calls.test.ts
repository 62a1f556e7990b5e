import { beforeAll, expect } from 'vitest';

import { db, eventually, freshStart, invoke } from '../stack.ts';
import { hangUp, newCall, ring, shown } from './call.ts';
import { describeInChromium, expectAccessible, logIn, PATIENT, test } from './person.ts';

describeInChromium('the pages of calls', () => {
  beforeAll(freshStart);

  test('show a call while it is under way, and its deliveries as they arrive', async ({ page }) => {
    await logIn(page, 'june', '/e/0367/calls');
    await page.getByText('В прямом эфире').waitFor();
    const call = newCall();
    await ring(call);
    const card = page.getByRole('link', { name: shown(call.Phone) });
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
});
