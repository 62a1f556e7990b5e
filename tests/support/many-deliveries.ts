import type { Transaction } from '../../shared/db.ts';

export const DELIVERIES_PER_CALL = 3;

/** Three deliveries of each of the calls `u1` to `u<calls>`, one line of the log for each, in the order of their ids. */
export async function storeManyDeliveries(tx: Transaction, calls: number): Promise<void> {
  await tx`alter table deliveries disable trigger all`;
  await tx`alter table integration_logs disable trigger all`;
  await tx`
    insert into deliveries (enterprise_number, integration_type, call_id, step, state, created_at)
    select
      calls.enterprise_number,
      case when luck % 50 = 0 then 'webhook' else 'retailcrm' end,
      calls.id, step,
      case
        when luck % 500 = 1 then 'failed' when luck % 700 = 2 then 'parked' when step = 'bridge' then 'skipped'
        else 'delivered'
      end,
      timestamptz '2026-11-01' - (${calls * DELIVERIES_PER_CALL}::int - position) * interval '20 seconds'
    from (
      select n, step, n * 3 + ord as position, abs(hashint4((n * 3 + ord)::int)) as luck
      from generate_series(1, ${calls}::int) as n
      cross join unnest(array['dial', 'bridge', 'hangup']) with ordinality as steps (step, ord)
    ) as owed
    join calls on calls.main_unique_id = 'u' || n
    order by position`;
  await tx`
    insert into integration_logs (enterprise_number, integration_type, event_type, call_unique_id, status, delivery_id,
      created_at)
    select enterprise_number, integration_type, step, 'u' || call_id, case when state = 'failed' then 'error' else 'success' end,
      id, created_at
    from deliveries
    order by id`;
  await tx`alter table deliveries enable trigger all`;
  await tx`alter table integration_logs enable trigger all`;
}
