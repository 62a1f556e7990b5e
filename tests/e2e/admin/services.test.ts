import { v7 as newUuid } from 'uuid';
import { beforeAll, describe, expect } from 'vitest';

import { toCallsMessage } from '../../../shared/calls/messages.ts';
import { createQueue } from '../../../shared/queue.ts';
import { db, environment, eventually, freshStart } from '../stack.ts';
import { newCall } from './call.ts';
import { expectAccessible, logIn, PATIENT, test } from './person.ts';

/** The keys to the queues. */
Object.assign(process.env, environment);

/** An accepted event whose message went to the dead letters, as after a crash that came again and again. */
async function buryEvent(): Promise<string> {
  const call = newCall();
  const eventId = newUuid();
  await db`
    insert into call_events (id, enterprise_number, event_type, unique_id, payload, raw, received_at)
    values (${eventId}, '0367', 'start', ${call.UniqueId}, ${db.json(call)}, ${JSON.stringify(call)}, now())`;
  const url = (environment['CALLS_QUEUE_URL'] ?? '').replace(
    'calls.fifo',
    'calls-dead-letters.fifo',
  );
  const deadLetters = createQueue(url, { endpoint: environment['SQS_ENDPOINT'] });
  const message = toCallsMessage({ eventId, enterpriseNumber: '0367' });
  expect(await deadLetters.sendAll([message])).toEqual([]);
  return eventId;
}

describe('the page of services', () => {
  beforeAll(freshStart);

  test('run a schedule now, and show what came of it', async ({ page }) => {
    await logIn(page, 'admin', '/services');
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

  test('check the storage step by step', async ({ page }) => {
    await logIn(page, 'admin', '/services');
    await page.getByRole('button', { name: 'Проверить хранилище' }).click();
    await page.getByRole('table', { name: 'Шаги проверки' }).waitFor(PATIENT);
    await expectAccessible(page, 'the check of the storage');
  });

  test('put a dead letter back on its queue, and it is worked in', async ({ page }) => {
    const stuck = await buryEvent();
    await logIn(page, 'admin', '/services');
    const row = page
      .getByRole('table', { name: 'Очереди' })
      .getByRole('row')
      .filter({ hasText: 'calls' })
      .first();
    await row.getByRole('button', { name: 'Повторить: calls' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Повторить' }).click();
    const progress = page.getByRole('dialog', { name: 'Повтор: calls' });
    await progress.getByText(/Готово/).waitFor();
    await expectAccessible(page, 'a redrive');
    await progress.getByRole('button', { name: 'Закрыть' }).click();
    const worked = () =>
      db`select 1 from call_events where id = ${stuck} and processed_at is not null`;
    expect(await eventually(worked, ({ length }) => length === 1)).toHaveLength(1);
    await expect.poll(() => row.getByRole('button').isDisabled(), PATIENT).toBe(true);
  });
});
