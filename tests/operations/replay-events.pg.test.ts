import { v7 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { countChosen, type EventChoice } from '../../shared/operations/replay-events.sql.ts';
import { replayEvents } from '../../shared/operations/replay-events.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';

const { db } = useDatabase();
const NOW = Date.now();
const CHOICE: EventChoice = {
  since: new Date(NOW - 60_000),
  until: new Date(NOW + 60_000),
  enterpriseNumber: undefined,
  states: ['failed', 'waiting'],
};

beforeEach(() => insertEnterprise(db));
afterEach(() => db`truncate enterprises, call_events cascade`);

async function insertEvent(
  state: 'failed' | 'waiting' | 'processed',
  { number = NUMBER, at = new Date(NOW) } = {},
): Promise<string> {
  const id = newUuid({ msecs: at.getTime() });
  await db`
    insert into call_events (id, enterprise_number, event_type, payload, raw, received_at, attempts, failed_at, processed_at)
    values (${id}, ${number}, 'start', '{}', 'as it came', ${at}, 5,
      ${state === 'failed' ? at : null}, ${state === 'processed' ? at : null})`;
  return id;
}
const idsOf = (queue: ReturnType<typeof createFakeQueue>) =>
  queue.messages.map(({ dedup }) => dedup);

describe('replaying events', () => {
  test('brings what was given up and what waits, oldest first, as if new', async () => {
    const failed = await insertEvent('failed', { at: new Date(NOW - 2_000) });
    await insertEvent('processed');
    const waiting = await insertEvent('waiting');
    const calls = createFakeQueue();
    expect(await countChosen(db, CHOICE)).toBe(2);
    expect(await replayEvents({ db, calls }, CHOICE)).toEqual({ reopened: 2, refused: 0 });
    expect(idsOf(calls)).toEqual([failed, waiting]);
    const [row] = await db`select attempts, failed_at from call_events where id = ${failed}`;
    expect(row).toEqual({ attempts: 0, failedAt: null });
  });

  test('leaves out other times and other enterprises', async () => {
    await insertEnterprise(db, { number: '0368', token: 'other', chatId: '-2' });
    await insertEvent('failed', { at: new Date(NOW - 120_000) });
    await insertEvent('failed', { number: '0368' });
    const calls = createFakeQueue();
    await replayEvents({ db, calls }, { ...CHOICE, enterpriseNumber: NUMBER });
    expect(idsOf(calls)).toEqual([]);
  });

  test('takes those already worked in when asked, each once, over several pages', async () => {
    await db`
      insert into call_events (id, enterprise_number, event_type, payload, raw, received_at, processed_at)
      select overlay(uuid_v7_floor(now())::text placing lpad(n::text, 12, '0') from 25)::uuid,
        ${NUMBER}, 'start', '{}', 'as it came', now(), now()
      from generate_series(1, 1203) as n`;
    const calls = createFakeQueue();
    const choice: EventChoice = { ...CHOICE, states: ['processed', 'waiting', 'failed'] };
    expect(await replayEvents({ db, calls }, choice)).toEqual({ reopened: 1203, refused: 0 });
    expect(new Set(idsOf(calls))).toHaveLength(1203);
  });

  test('counts what the queue refuses, which stays new for the sweeper', async () => {
    await insertEvent('failed');
    const calls = {
      sendAll: async (messages: Parameters<ReturnType<typeof createFakeQueue>['sendAll']>[0]) =>
        messages,
    };
    expect(await replayEvents({ db, calls }, CHOICE)).toEqual({ reopened: 1, refused: 1 });
    expect(await countChosen(db, { ...CHOICE, states: ['waiting'] })).toBe(1);
  });
});
