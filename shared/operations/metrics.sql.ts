import * as z from 'zod';

import type { Db, Pool } from '../db.ts';

const Labelled = z.object({ label: z.string(), total: z.coerce.number() });

/** Ids are made a moment before their rows are committed: what is younger waits for the next reading. */
const SETTLED_SECONDS = 60;

/** How many events of each kind there were since the counting began. Reads only what came since the last reading. */
export async function countEvents(db: Pool): Promise<z.output<typeof Labelled>[]> {
  return db.begin(async (tx) => {
    const [mark] = await tx`
      select counted_to, greatest(counted_to, uuid_v7_floor(now() - make_interval(secs => ${SETTLED_SECONDS}))) as until
      from metric_marks
      where name = 'events'
      for update`;
    if (mark) {
      await tx`
        insert into metric_totals as known (name, label, total)
        select 'events', event_type, count(*)
        from call_events
        where id >= ${mark['countedTo']}
          and id < ${mark['until']}
          and source = 'live'
        group by event_type
        on conflict (name, label) do update
        set total = known.total + excluded.total`;
      await tx`update metric_marks set counted_to = ${mark['until']} where name = 'events'`;
    }
    const rows =
      await tx`select label, total from metric_totals where name = 'events' order by label`;
    return Labelled.array().parse([...rows]);
  });
}

const Delivery = z.object({ crm: z.string(), state: z.string(), total: z.coerce.number() });
const Took = z.object({
  total: z.coerce.number(),
  sum: z.coerce.number(),
  half: z.coerce.number().nullable(),
  most: z.coerce.number().nullable(),
});
export type Took = z.output<typeof Took>;

/** The deliveries that came to be owed since midnight (UTC), by what became of them. */
export async function countDeliveries(db: Db): Promise<z.output<typeof Delivery>[]> {
  const rows = await db`
    select today.integration_type as crm, today.state, count(*) as total
    from enterprises
    cross join lateral (
      select integration_type, state
      from deliveries
      where deliveries.enterprise_number = enterprises.number
        and deliveries.created_at >= date_trunc('day', now(), 'UTC')
    ) as today
    group by 1, 2
    order by 1, 2`;
  return Delivery.array().parse([...rows]);
}

/** Seconds from due to delivered, of today's deliveries. */
export async function timeDeliveries(db: Db): Promise<Took> {
  const [row] = await db`
    select count(*) as total, coalesce(sum(today.seconds), 0) as sum,
      percentile_cont(0.5) within group (order by today.seconds) as half,
      percentile_cont(0.95) within group (order by today.seconds) as most
    from enterprises
    cross join lateral (
      select extract(epoch from updated_at - due_at)::float8 as seconds
      from deliveries
      where deliveries.enterprise_number = enterprises.number
        and deliveries.created_at >= date_trunc('day', now(), 'UTC')
        and deliveries.state = 'delivered'
    ) as today`;
  return Took.parse(row);
}

/** Today's click-to-calls: `accepted`, or the word for what was wrong. */
export async function countOriginates(db: Db): Promise<z.output<typeof Labelled>[]> {
  const rows = await db`
    select coalesce(today.problem, 'accepted') as label, count(*) as total
    from enterprises
    cross join lateral (
      select problem
      from originates
      where originates.enterprise_number = enterprises.number
        and originates.requested_at >= date_trunc('day', now(), 'UTC')
        and originates.response_time_ms is not null
    ) as today
    group by 1
    order by 1`;
  return Labelled.array().parse([...rows]);
}

/** Seconds that a box took to accept, today. */
export async function timeOriginates(db: Db): Promise<Took> {
  const [row] = await db`
    select count(*) as total, coalesce(sum(today.seconds), 0) as sum,
      percentile_cont(0.5) within group (order by today.seconds) as half,
      percentile_cont(0.95) within group (order by today.seconds) as most
    from enterprises
    cross join lateral (
      select response_time_ms / 1000 as seconds
      from originates
      where originates.enterprise_number = enterprises.number
        and originates.requested_at >= date_trunc('day', now(), 'UTC')
        and originates.response_time_ms is not null
        and originates.problem is null
    ) as today`;
  return Took.parse(row);
}

const Redirect = z.object({ action: z.string(), reason: z.string(), total: z.coerce.number() });

export async function countRedirects(db: Db): Promise<z.output<typeof Redirect>[]> {
  const rows = await db`
    select action, coalesce(reason, 'none') as reason, count(*) as total
    from smart_redirects
    where created_at >= date_trunc('day', now(), 'UTC')
    group by 1, 2
    order by 1, 2`;
  return Redirect.array().parse([...rows]);
}

const Box = z.object({ enterprise: z.string(), up: z.boolean() });

/** The boxes of active enterprises that were ever looked at. */
export async function listBoxesUp(db: Db): Promise<z.output<typeof Box>[]> {
  const rows = await db`
    select enterprises.number as enterprise, hosts.problem is null as up
    from asterisk_hosts as hosts
    join enterprises on enterprises.number = hosts.enterprise_number
    where enterprises.active
    order by enterprises.number`;
  return Box.array().parse([...rows]);
}

const Configs = z.object({
  enterprises: z.number(),
  ageSeconds: z.number(),
  kilobytes: z.number(),
});

/** The settings of integrations that the functions keep copies of. */
export async function describeConfigs(db: Db): Promise<z.output<typeof Configs>> {
  const [row] = await db`
    select count(*)::int as enterprises,
      coalesce(extract(epoch from now() - max(updated_at)), 0)::float8 as age_seconds,
      coalesce(sum(length(integrations_config::text)), 0)::float8 / 1024 as kilobytes
    from enterprises
    where active
      and integrations_config <> '{}'`;
  return Configs.parse(row);
}
