import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';

import {
  type DeliveryFilters,
  selectDeliveries,
} from '../../shared/integrations/deliveries.sql.ts';
import { type LogFilters, selectLogs } from '../../shared/integrations/logs.sql.ts';
import { useDatabase } from '../support/database.ts';

const { db } = useDatabase();

const ROWS = 300_000;
/** A tenth of all is of this enterprise: it is the one that is asked for. */
const LARGE = '0001';
const LIMIT = 101;
/** Rows that a page may touch, in tables and indexes together. */
const MOST_ROWS = 6_000;

beforeAll(async () => {
  await db.begin(async (tx) => {
    await tx`set local statement_timeout = 0`;
    await tx`
      insert into enterprises (number, name, token, secret)
      select lpad(n::text, 4, '0'), 'e' || n, 't' || n, 's' || n
      from generate_series(1, 91) as n`;
    await tx`alter table calls disable trigger all`;
    await tx`alter table deliveries disable trigger all`;
    await tx`alter table integration_logs disable trigger all`;
    await tx`
      insert into calls (id, enterprise_number, main_unique_id, direction, status, started_at, last_event_at)
      select md5(n::text)::uuid, lpad(case when n % 10 = 0 then '1' else (2 + n % 90)::text end, 4, '0'), 'u' || n, 'in',
        'answered', now(), now()
      from generate_series(1, ${ROWS / 3}) as n`;
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
        timestamptz '2026-11-01' - (${ROWS} - position) * interval '20 seconds'
      from (
        select n, step, n * 3 + ord as position, abs(hashint4((n * 3 + ord)::int)) as luck
        from generate_series(1, ${ROWS / 3}) as n
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
    await tx`alter table calls enable trigger all`;
    await tx`alter table deliveries enable trigger all`;
    await tx`alter table integration_logs enable trigger all`;
  });
  await db`analyze calls, deliveries, integration_logs`;
}, 120_000);

const Plan = z.looseObject({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Actual Rows': z.number(),
  'Actual Loops': z.number(),
  'Rows Removed by Filter': z.number().optional(),
  'Rows Removed by Index Recheck': z.number().optional(),
  get Plans() {
    return z.array(Plan).optional();
  },
});
type Plan = z.output<typeof Plan>;

async function explain(query: ReturnType<typeof selectLogs>): Promise<Plan[]> {
  const [row] = await db`explain (analyze, timing off, format json) ${query}`;
  const explained = z.tuple([z.object({ Plan })]).parse(row?.['queryPlan'] ?? row?.['QUERY PLAN']);
  return nodesOf(explained[0].Plan);
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** What its scans read, kept or not, and the tables that are read whole. */
function costOf(nodes: Plan[]) {
  const scans = nodes.filter((node) => node['Node Type'].includes('Scan'));
  const rows = scans.map((node) => {
    const removed =
      (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
    return (node['Actual Rows'] + removed) * node['Actual Loops'];
  });
  const whole = scans.filter((node) => node['Node Type'] === 'Seq Scan');
  return {
    whole: whole.map((node) => node['Relation Name']),
    isBounded: rows.reduce((sum, one) => sum + one, 0) <= MOST_ROWS,
  };
}
const cheap = { whole: [], isBounded: true };

const from = new Date('2026-09-20T00:00:00Z');
const to = new Date('2026-09-21T00:00:00Z');
const MIDDLE = String(ROWS / 2);

describe.each([undefined, MIDDLE])('a page that begins at %s', (after) => {
  test.each<[LogFilters]>([
    [{}],
    [{ from, to }],
    [{ from }],
    [{ to }],
    [{ type: 'retailcrm' }],
    [{ type: 'webhook' }],
    [{ type: 'amocrm' }],
    [{ status: 'error' }],
    [{ status: 'pending' }],
    [{ type: 'webhook', status: 'error' }],
    [{ type: 'retailcrm', status: 'error', from, to }],
    [{ event: 'hangup' }],
    [{ call: 'u-17' }],
  ])('of the log, with %o', async (filters) => {
    expect(
      costOf(
        await explain(selectLogs(db, { enterpriseNumber: LARGE, filters, after, limit: LIMIT })),
      ),
    ).toEqual(cheap);
  });

  test.each<[DeliveryFilters]>([
    [{}],
    [{ from, to }],
    [{ to }],
    [{ state: 'failed' }],
    [{ state: 'parked' }],
    [{ state: 'delivered' }],
    [{ state: 'failed', from, to }],
    [{ integration: 'retailcrm' }],
    [{ step: 'hangup' }],
    [{ call: 'u17' }],
  ])('of deliveries, with %o', async (filters) => {
    expect(
      costOf(
        await explain(
          selectDeliveries(db, { enterpriseNumber: LARGE, filters, after, limit: LIMIT }),
        ),
      ),
    ).toEqual(cheap);
  });
});
