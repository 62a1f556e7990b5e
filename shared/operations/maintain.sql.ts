import * as z from 'zod';

import type { Db } from '../db.ts';

const BATCH = 10_000;

/** Makes the partitions of the months to come and drops those past their time. */
export async function turnPartitions(
  db: Db,
  { monthsAhead, keepMonths }: { monthsAhead: number; keepMonths: number },
): Promise<{ made: number; dropped: number; stray: number }> {
  const [turned] = await db`
    select
      create_call_event_partitions(now(), ${monthsAhead + 1}::int) as made,
      drop_call_event_partitions(now() - make_interval(months => ${keepMonths}::int)) as dropped`;
  // A statement of its own: the one above would still see the rows it has just moved.
  const [left] = await db`select count(*)::int as stray from call_events_default`;
  const Counts = z.object({ made: z.number(), dropped: z.number(), stray: z.number() });
  return Counts.parse({ ...turned, ...left });
}

const TABLES = {
  event_keys: 'received_at',
  rejected_events: 'received_at',
  call_links: 'seen_at',
  rate_buckets: 'updated_at',
  job_runs: 'started_at',
  socket_connections: 'connected_at',
  chat_connections: 'connected_at',
  responsible_cache: 'asked_at',
  smart_redirects: 'created_at',
  telegram_updates: 'received_at',
  audit_log: 'at',
  jobs: 'finished_at',
  crm_requests: 'created_at',
} as const;

/** Deletes what is older than `age`, in small statements so that nobody waits for it. Returns how many rows went. */
export async function deleteOlder(
  db: Db,
  table: keyof typeof TABLES,
  age: string,
): Promise<number> {
  let deleted = 0;
  for (;;) {
    const { count } = await db`
      delete from ${db(table)}
      where ctid = any(array(
        select ctid
        from ${db(table)}
        where ${db(TABLES[table])} < now() - ${age}::interval
        limit ${BATCH}
      ))`;
    deleted += count;
    if (count < BATCH) return deleted;
  }
}
