import * as z from 'zod';

import type { Db } from '../db.ts';

const Figures = z.object({
  integrationType: z.string(),
  events: z.number(),
  errors: z.number(),
  p95Ms: z.number().nullable(),
});
const Paused = z.object({ integrationType: z.string(), paused: z.number() });
const Point = z.object({ at: z.date(), events: z.number(), errors: z.number() });

export type Period = {
  /** Undefined: all of them. */
  enterpriseNumber?: string | undefined;
  from: Date;
  to: Date;
};

/** Attempts that have ended. Tests and registrations are no deliveries. */
function ended(db: Db, { enterpriseNumber, from, to }: Period) {
  return db`
    from integration_logs
    where created_at between ${from} and ${to}
      ${enterpriseNumber === undefined ? db`` : db`and enterprise_number = ${enterpriseNumber}`}
      and status in ('success', 'error')
      and event_type not in ('test', 'register', 'unregister')`;
}

export async function loadFigures(db: Db, period: Period) {
  const rows = await db`
    select
      integration_type, count(*)::int as events, count(*) filter (where status = 'error')::int as errors,
      round(percentile_cont(0.95) within group (order by response_time_ms))::int as p95_ms
    ${ended(db, period)}
    group by integration_type`;
  return Figures.array().parse([...rows]);
}

export async function loadSeries(db: Db, period: Period, unit: 'hour' | 'day', timezone: string) {
  const rows = await db`
    select
      date_trunc(${unit}, created_at, ${timezone}) as at, count(*)::int as events,
      count(*) filter (where status = 'error')::int as errors
    ${ended(db, period)}
    group by 1
    order by 1`;
  return Point.array().parse([...rows]);
}

export async function countPaused(db: Db, { enterpriseNumber }: Period) {
  const rows = await db`
    select integration_type, count(*)::int as paused
    from integration_states
    where paused_at is not null
      ${enterpriseNumber === undefined ? db`` : db`and enterprise_number = ${enterpriseNumber}`}
    group by integration_type`;
  return Paused.array().parse([...rows]);
}
