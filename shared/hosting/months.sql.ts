import * as z from 'zod';

import type { Db } from '../db.ts';

/** Servers that cost and bring something now: open, on the page, and still there. */
const current = (db: Db) => db`
  where deleted_at is null
    and missing_since is null
    and status <> 'closed'`;

/** The month as it stands now, of all servers, in one statement. */
export async function saveMonth(db: Db, today: string): Promise<void> {
  const month = db`date_trunc('month', ${today}::date)::date`;
  await db`
    insert into hosting_months (month, server_id, client_name, cost_price, client_price, service_fee)
    select ${month}, id, client_name, cost_price, client_price, service_fee
    from hosting_servers
    ${current(db)}
    order by id
    on conflict (month, server_id) do update
    set client_name = excluded.client_name, cost_price = excluded.cost_price,
        client_price = excluded.client_price, service_fee = excluded.service_fee`;
}

const Money = z.coerce.number().nullable();
const Sums = z.object({
  servers: z.number(),
  cost: Money,
  revenue: Money,
  margin: Money,
  unknownCost: z.number(),
  unknownPrice: z.number(),
});

/** Sums of what is known, null when nothing is, and of how many servers something is not known. */
const sums = (db: Db) => db`
  count(*)::int as servers, sum(cost_price) as cost, sum(client_price + service_fee) as revenue,
  sum(client_price + service_fee - cost_price) as margin,
  (count(*) filter (where cost_price is null))::int as unknown_cost,
  (count(*) filter (where client_price is null))::int as unknown_price`;

export async function loadTotals(db: Db): Promise<z.output<typeof Sums>> {
  const [row] = await db`
    select ${sums(db)}
    from hosting_servers
    ${current(db)}`;
  return Sums.parse(row);
}

const ClientSums = Sums.extend({ client: z.string().nullable() });

export async function loadClientSums(db: Db): Promise<z.output<typeof ClientSums>[]> {
  const rows = await db`
    select client_name as client, ${sums(db)}
    from hosting_servers
    ${current(db)}
    group by client_name
    order by margin desc nulls last, client_name nulls last`;
  return ClientSums.array().parse([...rows]);
}

const MonthSums = Sums.extend({ month: z.string() });

/** The months before this one, as they stood at the end; `2026-11`. */
export async function loadMonthSums(
  db: Db,
  { from, today }: { from: string; today: string },
): Promise<z.output<typeof MonthSums>[]> {
  const rows = await db`
    select to_char(month, 'YYYY-MM') as month, ${sums(db)}
    from hosting_months
    where month >= date_trunc('month', ${from}::date)
      and month < date_trunc('month', ${today}::date)
    group by 1
    order by 1`;
  return MonthSums.array().parse([...rows]);
}

const Received = z.object({ month: z.string(), received: z.coerce.number() });

/** What clients really paid, month by month. */
export async function loadReceived(db: Db, from: string): Promise<z.output<typeof Received>[]> {
  const rows = await db`
    select to_char(paid_on, 'YYYY-MM') as month, sum(amount) as received
    from hosting_payments
    where paid_on >= date_trunc('month', ${from}::date)
    group by 1`;
  return Received.array().parse([...rows]);
}

const StatusCount = z.object({ status: z.string(), servers: z.number(), missing: z.number() });

export async function countStatuses(db: Db): Promise<z.output<typeof StatusCount>[]> {
  const rows = await db`
    select status, count(*)::int as servers,
      (count(*) filter (where missing_since is not null))::int as missing
    from hosting_servers
    where deleted_at is null
    group by status`;
  return StatusCount.array().parse([...rows]);
}
