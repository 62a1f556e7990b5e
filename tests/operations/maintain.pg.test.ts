import { v7 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { maintain } from '../../shared/operations/maintain.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';

const { db } = useDatabase();

beforeEach(() => insertEnterprise(db));
afterEach(async () => {
  await db`truncate enterprises, call_events, event_keys, rejected_events, call_links, rate_buckets, job_runs, socket_connections, chat_connections, jobs, crm_requests cascade`;
});

const THIS_MONTH = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth(), 1));

/** The first moment of the month so many months from now. */
function monthFromNow(months: number): Date {
  return new Date(Date.UTC(THIS_MONTH.getUTCFullYear(), THIS_MONTH.getUTCMonth() + months, 1));
}
function partitionOf(month: Date): string {
  return `call_events_${month.toISOString().slice(0, 7).replace('-', '_')}`;
}

async function partitions(): Promise<string[]> {
  const rows = await db`
    select inhrelid::regclass::text as name
    from pg_inherits
    where inhparent = 'call_events'::regclass
    order by 1`;
  return rows.map(({ name }) => String(name));
}

/** Stores an event of this moment; returns its id. */
async function insertEvent(at: Date): Promise<string> {
  const id = newUuid({ msecs: at.getTime() });
  await db`
    insert into call_events (id, enterprise_number, event_type, payload, raw, received_at)
    values (${id}, ${NUMBER}, 'start', '{}', 'as it came', ${at})`;
  return id;
}
async function whereIs(id: string): Promise<string | undefined> {
  const [row] =
    await db`select tableoid::regclass::text as place from call_events where id = ${id}`;
  return row && String(row['place']);
}

describe('the partitions of the events', () => {
  test('are there for this month and three ahead', async () => {
    await maintain(db);
    expect(await partitions()).toEqual(
      expect.arrayContaining([0, 1, 2, 3].map((months) => partitionOf(monthFromNow(months)))),
    );
    const id = await insertEvent(monthFromNow(3));
    expect(await whereIs(id)).toBe(partitionOf(monthFromNow(3)));
  });

  test.each([
    ['the first moment of a month', monthFromNow(2), monthFromNow(2)],
    ['the last moment of a month', new Date(monthFromNow(3).getTime() - 1), monthFromNow(2)],
  ])('meet without a gap: %s', async (_what, at, month) => {
    await maintain(db);
    expect(await whereIs(await insertEvent(at))).toBe(partitionOf(month));
  });

  test('take over what came before they were made', async () => {
    await db`drop table if exists ${db(partitionOf(monthFromNow(1)))}`;
    const at = new Date(monthFromNow(1).getTime() + 86_400_000);
    const id = await insertEvent(at);
    expect(await whereIs(id)).toBe('call_events_default');

    expect(await maintain(db)).toMatchObject({
      partitionsMade: expect.any(Number),
      strayEvents: 0,
    });
    expect(await whereIs(id)).toBe(partitionOf(monthFromNow(1)));
    expect(await db`select raw, received_at from call_events where id = ${id}`).toEqual([
      { raw: 'as it came', receivedAt: at },
    ]);
  });

  test('take over what came in a month when nobody made them, too', async () => {
    const at = new Date(monthFromNow(-4).getTime() + 86_400_000);
    const id = await insertEvent(at);
    expect(await whereIs(id)).toBe('call_events_default');
    await maintain(db);
    expect(await whereIs(id)).toBe(partitionOf(monthFromNow(-4)));
  });

  test('are dropped with what is in them after twelve months, and not before', async () => {
    await db`select create_call_event_partitions(${monthFromNow(-14)}, 3)`;
    const [old, kept] = [
      await insertEvent(monthFromNow(-14)),
      await insertEvent(monthFromNow(-12)),
    ];
    expect(await maintain(db)).toMatchObject({ partitionsDropped: 2 });
    expect([await whereIs(old), await whereIs(kept)]).toEqual([
      undefined,
      partitionOf(monthFromNow(-12)),
    ]);
    const left = await partitions();
    expect(left).not.toContain(partitionOf(monthFromNow(-14)));
    expect(left).not.toContain(partitionOf(monthFromNow(-13)));
    expect(left).toContain('call_events_default');
    await db`drop table ${db(partitionOf(monthFromNow(-12)))}`;
  });

  test('have the indexes of the table, so that the sweeper does not read them whole', async () => {
    await db`drop table if exists ${db(partitionOf(monthFromNow(3)))}`;
    await maintain(db);
    const rows =
      await db`select indexdef from pg_indexes where tablename = ${partitionOf(monthFromNow(3))}`;
    const definitions = rows.map(({ indexdef }) => String(indexdef)).join('\n');
    expect(definitions).toContain('(call_id)');
    expect(definitions).toContain('(received_at)');
  });
});

describe('what is kept how long', () => {
  const insert = {
    event_keys: (at: Date) => db`
      insert into event_keys (enterprise_number, event_type, payload_hash, event_id, received_at)
      values (${NUMBER}, 'start', ${Buffer.from(newUuid())}, ${newUuid()}, ${at})`,
    rejected_events: (at: Date) => db`
      insert into rejected_events (enterprise_number, event_type, reason, body, received_at)
      values (${NUMBER}, 'start', 'no UniqueId', '{}', ${at})`,
    call_links: (at: Date) => db`
      insert into call_links (enterprise_number, key, call_id, seen_at)
      values (${NUMBER}, ${newUuid()}, ${newUuid()}, ${at})`,
    rate_buckets: (at: Date) => db`
      insert into rate_buckets (key, tokens, granted, updated_at)
      values (${newUuid()}, 1, true, ${at})`,
    job_runs: (at: Date) =>
      db`insert into job_runs (name, started_at) values ('maintenance', ${at})`,
    chat_connections: (at: Date) => db`
      insert into chat_connections (id, connected_at)
      values (${crypto.randomUUID()}, ${at})`,
    socket_connections: (at: Date) => db`
      insert into socket_connections (id, kind, connected_at)
      values (${newUuid()}, 'calls', ${at})`,
    jobs: (at: Date) => db`
      insert into jobs (id, kind, request, state, created_at, finished_at)
      values (${newUuid()}, 'replay', '{}', 'done', ${at}, ${at})`,
    crm_requests: (at: Date) => db`
      insert into crm_requests (id, enterprise_number, integration_type, kind, created_at)
      values (${newUuid()}, ${NUMBER}, 'retailcrm', 'call', ${at})`,
  };
  type Table = keyof typeof insert;
  const count = async (table: Table) => (await db`select from ${db(table)}`).length;

  test.each<[Table, hours: number, counted: string]>([
    ['event_keys', 24, 'eventKeys'],
    ['rejected_events', 30 * 24, 'rejectedEvents'],
    ['call_links', 2 * 24, 'callLinks'],
    ['rate_buckets', 24, 'rateBuckets'],
    ['job_runs', 90 * 24, 'jobRuns'],
    ['socket_connections', 2, 'socketConnections'],
    ['chat_connections', 2, 'chatConnections'],
    ['jobs', 90 * 24, 'jobs'],
    ['crm_requests', 90 * 24, 'crmRequests'],
  ])('%s: %d hours', async (table, hours, counted) => {
    const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    await insert[table](ago(hours * 60 + 5));
    await insert[table](ago(hours * 60 - 65)); // an hour of summer time may lie between
    await insert[table](ago(0));
    expect(await maintain(db)).toMatchObject({ [counted]: 1 });
    expect(await count(table)).toBe(2);
  });

  test('a job that still runs stays, however old it is', async () => {
    await db`
      insert into jobs (id, kind, request, created_at)
      values (${newUuid()}, 'replay', '{}', now() - interval '1 year')`;
    expect(await maintain(db)).toMatchObject({ jobs: 0 });
    expect(await count('jobs')).toBe(1);
  });

  test('more than one statement can take', async () => {
    await db`
      insert into rejected_events (enterprise_number, event_type, reason, body, received_at)
      select ${NUMBER}, 'start', '', '', now() - interval '31 days'
      from generate_series(1, 20001)`;
    expect(await maintain(db)).toMatchObject({ rejectedEvents: 20_001 });
    expect(await count('rejected_events')).toBe(0);
  });

  test('events of today, calls and deliveries stay', async () => {
    const callId = newUuid();
    const id = await insertEvent(new Date());
    await db`
      insert into calls (id, enterprise_number, main_unique_id, direction, status, started_at, last_event_at)
      values (${callId}, ${NUMBER}, '1757840723.6', 'in', 'answered', now() - interval '2 years', now() - interval '2 years')`;
    await db`
      insert into deliveries (enterprise_number, integration_type, call_id, step, created_at)
      values (${NUMBER}, 'retailcrm', ${callId}, 'hangup', now() - interval '2 years')`;
    await maintain(db);
    expect(await whereIs(id)).toBe(partitionOf(THIS_MONTH));
    expect(await db`select step from deliveries join calls on calls.id = call_id`).toHaveLength(1);
  });
});

test('running it twice, and twice at once, is harmless', async () => {
  await insertEvent(new Date());
  await maintain(db);
  const before = await partitions();
  expect(await maintain(db)).toEqual({
    partitionsMade: 0,
    partitionsDropped: 0,
    strayEvents: 0,
    eventKeys: 0,
    rejectedEvents: 0,
    callLinks: 0,
    rateBuckets: 0,
    auditLog: 0,
    jobRuns: 0,
    responsibleCache: 0,
    smartRedirects: 0,
    telegramUpdates: 0,
    jobs: 0,
    crmRequests: 0,
    socketConnections: 0,
    chatConnections: 0,
  });
  expect(await partitions()).toEqual(before);

  await db`drop table ${db(partitionOf(monthFromNow(3)))}`;
  const both = await Promise.allSettled([maintain(db), maintain(db)]);
  expect(both.map(({ status }) => status)).toContain('fulfilled');
  expect(await partitions()).toEqual(before);
  expect(await db`select from call_events`).toHaveLength(1);
});
