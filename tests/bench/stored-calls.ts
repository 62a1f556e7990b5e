import type postgres from 'postgres';

import type { Enterprise } from './enterprises.ts';

const PHONES = 5_000;

/**
 * A year of ended calls, the newest of them a day old, with their events, channels, deliveries and what still links to
 * them. Written without foreign keys being checked: what is wanted is the size.
 */
export async function storeCalls(
  sql: postgres.Sql,
  count: number,
  enterprises: Enterprise[],
): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`set local synchronous_commit = off`;
    await tx`select create_call_event_partitions(now() - interval '13 months', 17)`;
    await tx`
      create temp table stored on commit drop as
      select
        i,
        uuidv7(- (interval '1 day' + interval '364 days' * (1 - i::float8 / ${count}::int))) as id,
        now() - interval '1 day' - interval '364 days' * (1 - i::float8 / ${count}::int) as at,
        (${enterprises.map(({ number }) => number)}::text[])[1 + i % ${enterprises.length}::int] as number,
        '37533' || (1000000 + (i / ${enterprises.length}::int) % ${PHONES}::int) as phone
      from generate_series(1, ${count}::int) as i`;
    await tx`
      insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, line, rang, first_answered_by,
        last_talked_by, settled, started_at, answered_at, ended_at, wait_seconds, talk_seconds, last_event_at, version,
        telegram_version)
      select id, number, 'stored.' || i, 'in', 'answered', phone, '0001363', '{150,151,152}', '151', '151', true,
        at, at + interval '7 seconds', at + interval '1 minute', 7, 53, at + interval '1 minute', 4, 4
      from stored`;
    await tx`
      insert into call_legs (enterprise_number, unique_id, call_id)
      select number, 'stored.' || i, id
      from stored`;
    await tx`
      insert into call_events (id, enterprise_number, event_type, unique_id, payload, raw, received_at, call_id,
        processed_at)
      select uuidv7(at - now()), number, kind, 'stored.' || i, jsonb_build_object('UniqueId', 'stored.' || i), '{}', at,
        id, at
      from stored
      cross join unnest('{start,dial,hangup}'::text[]) as kind`;
    await tx`
      insert into deliveries (enterprise_number, integration_type, call_id, step, state, attempts, due_at, created_at)
      select number, 'retailcrm', id, step, 'delivered', 1, at, at
      from stored
      cross join unnest('{dial,hangup}'::text[]) as step`;
    await tx`
      insert into call_links (enterprise_number, key, call_id, seen_at)
      select number, 'channel:stored.' || i, id, at
      from stored
      where at > now() - interval '2 days'`;
  });
  await sql`vacuum analyze`;
}
