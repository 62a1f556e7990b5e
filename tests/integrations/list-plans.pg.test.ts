import { beforeAll, describe, expect, test } from 'vitest';

import {
  type DeliveryFilters,
  selectDeliveries,
} from '../../shared/integrations/deliveries.sql.ts';
import { type LogFilters, selectLogs } from '../../shared/integrations/logs.sql.ts';
import { useDatabase } from '../support/database.ts';
import { LARGE } from '../support/many-calls.ts';
import { DELIVERIES_PER_CALL, storeManyDeliveries } from '../support/many-deliveries.ts';
import { explain, readWhole, rowsRead } from '../support/plan.ts';

const { db } = useDatabase();

const CALLS = 100_000;
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
    await tx`
      insert into calls (id, enterprise_number, main_unique_id, direction, status, started_at, last_event_at)
      select md5(n::text)::uuid, lpad(case when n % 10 = 0 then '1' else (2 + n % 90)::text end, 4, '0'), 'u' || n, 'in',
        'answered', now(), now()
      from generate_series(1, ${CALLS}::int) as n`;
    await storeManyDeliveries(tx, CALLS);
    await tx`alter table calls enable trigger all`;
  });
  await db`analyze calls, deliveries, integration_logs`;
}, 120_000);

/** What a page may cost: no table from end to end, and not many rows. */
async function costOf(query: ReturnType<typeof selectLogs>) {
  const { scans } = await explain(db, query);
  return { whole: readWhole(scans), isBounded: rowsRead(scans) <= MOST_ROWS };
}
const cheap = { whole: [], isBounded: true };

const from = new Date('2026-09-20T00:00:00Z');
const to = new Date('2026-09-21T00:00:00Z');
const MIDDLE = String((CALLS * DELIVERIES_PER_CALL) / 2);

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
      await costOf(selectLogs(db, { enterpriseNumber: LARGE, filters, after, limit: LIMIT })),
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
      await costOf(selectDeliveries(db, { enterpriseNumber: LARGE, filters, after, limit: LIMIT })),
    ).toEqual(cheap);
  });
});
