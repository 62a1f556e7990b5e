import type { Pool } from '../db.ts';
import { addMonths, dayOf } from './hosting.ts';
import * as sql from './months.sql.ts';

/** Cost, revenue and margin: now, in the months before, by client. */
export async function getHostingStats(
  db: Pool,
  { months, now = new Date() }: { months: number; now?: Date },
) {
  const today = dayOf(now);
  const from = addMonths(`${today.slice(0, 7)}-01`, 1 - months);
  const [total, clients, past, received, statuses] = await Promise.all([
    sql.loadTotals(db),
    sql.loadClientSums(db),
    sql.loadMonthSums(db, { from, today }),
    sql.loadReceived(db, from),
    sql.countStatuses(db),
  ]);
  const paid = new Map(received.map((one) => [one.month, one.received]));
  const known = [...past, { month: today.slice(0, 7), ...total }];
  const countOf = (status: string) => statuses.find((one) => one.status === status)?.servers ?? 0;
  return {
    total: toSums(total),
    statuses: {
      active: countOf('active'),
      overdue: countOf('overdue'),
      suspended: countOf('suspended'),
      closed: countOf('closed'),
      missing: statuses.reduce((sum, { missing }) => sum + missing, 0),
    },
    months: known.map(({ month, ...sums }) => ({
      month,
      ...toSums(sums),
      received: paid.get(month) ?? 0,
    })),
    clients: clients.map(({ client, ...sums }) => ({ client, ...toSums(sums) })),
  };
}

function toSums({
  unknownCost,
  unknownPrice,
  ...sums
}: Awaited<ReturnType<typeof sql.loadTotals>>) {
  return { ...sums, unknown_cost: unknownCost, unknown_price: unknownPrice };
}
