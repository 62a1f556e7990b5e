import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import { addMonths, dayOf, monthsOf, revenueOf, roundMoney } from './hosting.ts';
import { listPayments } from './payments.sql.ts';
import { type HostingServer, listServers } from './servers.sql.ts';

const MOST_MONTHS = 12;
const USUAL_MONTHS = 2;
/** More than anybody shows; what is beyond is not silently wrong but far away. */
const MOST_ROWS = 5_000;

type Query = { from?: string | undefined; to?: string | undefined };

/** What was paid, is overdue and will be due, day by day. @throws AppError 422 */
export async function getCalendar(db: Pool, query: Query, now = new Date()) {
  const today = dayOf(now);
  const from = query.from ?? `${today.slice(0, 7)}-01`;
  const to = query.to ?? addMonths(from, USUAL_MONTHS);
  if (to < from || to > addMonths(from, MOST_MONTHS)) {
    const message = 'must be after `from`, by a year at most';
    throw new AppError('unprocessable', `to: ${message}`, { errors: [{ path: 'to', message }] });
  }
  const [payments, servers] = await Promise.all([
    listPayments(db, { filters: { from, to }, limit: MOST_ROWS }),
    listServers(db, { filters: {}, limit: MOST_ROWS }),
  ]);
  const paid = payments.map(({ id, serverId, serverName, clientName, amount, paidOn }) => ({
    date: paidOn,
    state: 'paid' as const,
    server_id: serverId,
    server_name: serverName,
    client_name: clientName,
    amount,
    payment_id: id,
  }));
  const owed = servers
    .filter(({ status }) => status !== 'closed')
    .flatMap((server) => owedBy(server, { from, to, today }));
  const items = [...paid, ...owed].toSorted((one, other) => one.date.localeCompare(other.date));
  return { from, to, today, items };
}

/** An unpaid date is overdue wherever the calendar begins. */
function owedBy(
  server: HostingServer,
  { from, to, today }: Record<'from' | 'to' | 'today', string>,
) {
  const { nextPaymentDate: first, paymentPeriod, startDate } = server;
  if (first === null) return [];
  const months = monthsOf(paymentPeriod);
  const revenue = revenueOf(server);
  const dates: string[] = [];
  for (let count = 0; ; count += 1) {
    const date = addMonths(first, months * count, startDate);
    if (date > to) break;
    if (date >= from || date < today) dates.push(date);
  }
  return dates.map((date) => ({
    date,
    state: date < today ? ('overdue' as const) : ('due' as const),
    server_id: server.id,
    server_name: server.serverName,
    client_name: server.clientName,
    amount: revenue === null ? null : roundMoney(revenue * months),
    payment_id: null,
  }));
}
