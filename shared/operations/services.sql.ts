import * as z from 'zod';

import type { Db } from '../db.ts';

const RunRow = z.object({
  name: z.string(),
  id: z.string(),
  startedAt: z.date(),
  finishedAt: z.date().nullable(),
  result: z.string().nullable(),
  counts: z.record(z.string(), z.number()).nullable(),
});
export type RunRow = z.output<typeof RunRow>;

/** The last run of each of these jobs. */
export async function listLastRuns(db: Db, names: string[]): Promise<RunRow[]> {
  const rows = await db`
    select last.name, last.id, last.started_at, last.finished_at, last.result, last.counts
    from unnest(${names}::text[]) as wanted
    cross join lateral (
      select name, id, started_at, finished_at, result, counts
      from job_runs
      where name = wanted
      order by started_at desc
      limit 1
    ) as last`;
  return RunRow.array().parse([...rows]);
}

/** The last run of each of these jobs that failed. */
export async function listLastFailures(db: Db, names: string[]): Promise<RunRow[]> {
  const rows = await db`
    select last.name, last.id, last.started_at, last.finished_at, last.result, last.counts
    from unnest(${names}::text[]) as wanted
    cross join lateral (
      select name, id, started_at, finished_at, result, counts
      from job_runs
      where name = wanted
        and result like 'failed:%'
      order by started_at desc
      limit 1
    ) as last`;
  return RunRow.array().parse([...rows]);
}

const Waits = z.object({
  calls: z.number().nullable(),
  crm: z.number().nullable(),
  telegram: z.number().nullable(),
});

/**
 * How many seconds the oldest work of each queue has been due, null when none is. SQS itself tells its age to
 * CloudWatch only, and not locally; the rows behind the messages know it better anyway.
 */
export async function loadWaits(db: Db): Promise<Record<string, number | null>> {
  const [row] = await db`
    select
      ceil(extract(epoch from now() - (
        select min(received_at)
        from call_events
        where processed_at is null
          and failed_at is null
      )))::int as calls,
      ceil(extract(epoch from now() - (
        select min(next_attempt_at)
        from deliveries
        where state in ('pending', 'retrying')
          and next_attempt_at <= now()
      )))::int as crm,
      ceil(extract(epoch from now() - (
        select min(calls.updated_at)
        from calls
        join enterprises on enterprises.number = calls.enterprise_number
        where calls.telegram_version < calls.version
          and calls.updated_at > now() - interval '1 day'
          and enterprises.chat_id is not null
          and enterprises.bot_token is not null
          and enterprises.telegram_paused_reason is null
      )))::int as telegram`;
  return Waits.parse(row);
}

const BoxRow = z.object({
  enterpriseNumber: z.string(),
  name: z.string(),
  lastEventAt: z.date().nullable(),
  checkedAt: z.date().nullable(),
  lastSeenAt: z.date().nullable(),
  problem: z.string().nullable(),
  version: z.string().nullable(),
  channels: z.number().nullable(),
  latencyMs: z.number().nullable(),
  clockOffsetMs: z.number().nullable(),
  hostKeyChanged: z.boolean(),
});

/** The boxes of active enterprises: when each last told of a call, and what the last look at it showed. */
export async function listBoxes(db: Db): Promise<z.output<typeof BoxRow>[]> {
  const rows = await db`
    select
      enterprises.number as enterprise_number, enterprises.name, last.last_event_at, hosts.checked_at,
      hosts.last_seen_at, hosts.problem, hosts.version, hosts.channels, hosts.latency_ms, hosts.clock_offset_ms,
      hosts.offered_host_key is not null as host_key_changed
    from enterprises
    left join asterisk_hosts as hosts on hosts.enterprise_number = enterprises.number
    left join lateral (
      select last_event_at
      from calls
      where calls.enterprise_number = enterprises.number
      order by started_at desc, id desc
      limit 1
    ) as last on true
    where enterprises.active
    order by enterprises.number`;
  return BoxRow.array().parse([...rows]);
}

const Database = z.object({
  version: z.string(),
  sizeBytes: z.coerce.number(),
  used: z.number(),
  most: z.number(),
});

export async function describeDatabase(db: Db): Promise<z.output<typeof Database>> {
  const [row] = await db`
    select
      current_setting('server_version') as version, pg_database_size(current_database()) as size_bytes,
      (select count(*)::int from pg_stat_activity where datname = current_database()) as used,
      current_setting('max_connections')::int as most`;
  return Database.parse(row);
}
