import * as z from 'zod';

import type { Db } from '../db.ts';

/** What the operator is told of, and what to say when it is over. */
export type Alert = { key: string; enterpriseNumber: string | null; recovery: string };

/** False when the operator knows already. Whoever gets true tells him. */
export async function raiseAlert(
  db: Db,
  { key, enterpriseNumber, recovery }: Alert,
): Promise<boolean> {
  const rows = await db`
    insert into operator_alerts (key, enterprise_number, recovery)
    values (${key}, ${enterpriseNumber}, ${recovery})
    on conflict do nothing
    returning 1`;
  return rows.length > 0;
}

/** False when somebody else has ended it. */
export async function endAlert(db: Db, key: string): Promise<boolean> {
  const rows = await db`
    delete from operator_alerts
    where key = ${key}
    returning 1`;
  return rows.length > 0;
}

const Raised = z.object({
  key: z.string(),
  enterpriseNumber: z.string().nullable(),
  recovery: z.string(),
});

export async function listAlerts(db: Db): Promise<Alert[]> {
  const rows = await db`
    select key, enterprise_number, recovery
    from operator_alerts
    order by raised_at`;
  return Raised.array().parse([...rows]);
}

const Paused = z.object({
  enterpriseNumber: z.string(),
  integrationType: z.string(),
  pauseReason: z.string().nullable(),
});

export async function listPaused(db: Db): Promise<z.output<typeof Paused>[]> {
  const rows = await db`
    select enterprise_number, integration_type, pause_reason
    from integration_states
    where paused_at is not null
    order by paused_at`;
  return Paused.array().parse([...rows]);
}

const Tried = z.object({
  enterpriseNumber: z.string(),
  integrationType: z.string(),
  attempts: z.number(),
  errors: z.number(),
  paused: z.boolean(),
});
export type Tried = z.output<typeof Tried>;

/** How the attempts of the last minutes went. What was ended without being sent is no attempt. */
export async function countAttempts(db: Db, within: string): Promise<Tried[]> {
  const rows = await db`
    select
      logs.enterprise_number, logs.integration_type, count(*)::int as attempts,
      count(*) filter (where logs.status = 'error')::int as errors, bool_or(state.paused_at is not null) as paused
    from integration_logs as logs
    left join integration_states as state
      on state.enterprise_number = logs.enterprise_number
      and state.integration_type = logs.integration_type
    where logs.created_at > now() - ${within}::interval
      and logs.delivery_id is not null
      and logs.response_time_ms is not null
      and logs.status in ('success', 'error')
    group by 1, 2`;
  return Tried.array().parse([...rows]);
}
