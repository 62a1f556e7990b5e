import * as z from 'zod';

import type { Db } from '../db.ts';

export type Day = {
  /** Undefined: all of them. */
  enterpriseNumber?: string | undefined;
  from: Date;
  to: Date;
  timezone: string;
};

const Counted = z.object({
  at: z.date(),
  incoming: z.number(),
  outgoing: z.number(),
  internal: z.number(),
  answered: z.number(),
  missed: z.number(),
});
export type Counted = z.output<typeof Counted>;

export async function countCallsByHour(db: Db, day: Day): Promise<Counted[]> {
  const rows = await selectCallsByHour(db, day);
  return Counted.array().parse([...rows]);
}

/**
 * The query; apart, so that a test can have it explained. Enterprise by enterprise, because the calls of one by time have
 * an index; one by time alone would cost every write of a call, and mislead the planner of the lists.
 */
export function selectCallsByHour(db: Db, { enterpriseNumber, from, to, timezone }: Day) {
  return db`
    select
      date_trunc('hour', started_at, ${timezone}) as at,
      count(*) filter (where direction = 'in')::int as incoming,
      count(*) filter (where direction = 'out')::int as outgoing,
      count(*) filter (where direction = 'internal')::int as internal,
      count(*) filter (where direction <> 'internal' and status = 'answered')::int as answered,
      count(*) filter (where direction = 'in' and status in ('missed', 'abandoned', 'lost_in_transfer'))::int as missed
    from enterprises
    cross join lateral (
      select direction, status, started_at
      from calls
      where calls.enterprise_number = enterprises.number
        and merged_into is null
        and started_at >= ${from}
        and started_at < ${to}
      offset 0
    ) as calls
    ${enterpriseNumber === undefined ? db`` : db`where enterprises.number = ${enterpriseNumber}`}
    group by 1
    order by 1`;
}

const Count = z.object({ count: z.number() });

export async function countLiveCalls(db: Db, enterpriseNumber?: string): Promise<number> {
  const [row] = await db`
    select count(*)::int as count
    from calls
    where ended_at is null
      and merged_into is null
      ${enterpriseNumber === undefined ? db`` : db`and enterprise_number = ${enterpriseNumber}`}`;
  return Count.parse(row).count;
}

const Owner = z.object({ timezone: z.string() });

export async function findTimezone(db: Db, number: string): Promise<string | undefined> {
  const [row] = await db`
    select timezone
    from enterprises
    where number = ${number}`;
  return row && Owner.parse(row).timezone;
}

const Trouble = z.object({
  kind: z.enum(['integration_paused', 'integration_errors', 'telegram_paused', 'dead_letters']),
  enterpriseNumber: z.string().nullable(),
  enterpriseName: z.string().nullable(),
  item: z.string().nullable(),
  reason: z.string().nullable(),
  since: z.date().nullable(),
});
export type Trouble = z.output<typeof Trouble>;

/** What stands still or fails just now. Of dead letters and rates of errors the sweeper knows, which looks each minute. */
export async function listTroubles(db: Db, enterpriseNumber?: string): Promise<Trouble[]> {
  const ofOne = (column: string) =>
    enterpriseNumber === undefined ? db`` : db`and ${db(column)} = ${enterpriseNumber}`;
  const rows = await db`
    select trouble.*, enterprises.name as enterprise_name
    from (
      select
        'integration_paused' as kind, enterprise_number, integration_type as item, pause_reason as reason,
        paused_at as since
      from integration_states
      where paused_at is not null
        ${ofOne('enterprise_number')}
      union all
      select 'telegram_paused', number, null, telegram_paused_reason, null
      from enterprises
      where telegram_paused_reason is not null
        and active
        ${ofOne('number')}
      union all
      select 'integration_errors', enterprise_number, split_part(key, ':', 3), null, raised_at
      from operator_alerts
      where starts_with(key, 'errors:')
        ${ofOne('enterprise_number')}
      union all
      select 'dead_letters', null, split_part(key, ':', 2), null, raised_at
      from operator_alerts
      where starts_with(key, 'dead-letters:')
        ${enterpriseNumber === undefined ? db`` : db`and false`}
    ) as trouble
    left join enterprises on enterprises.number = trouble.enterprise_number
    order by trouble.since nulls last, trouble.enterprise_number`;
  return Trouble.array().parse([...rows]);
}
