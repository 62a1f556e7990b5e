import * as z from 'zod';

import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Pool, Transaction } from '../db.ts';
import { AppError } from '../errors.ts';
import { insertChanges } from './changes.sql.ts';
import { addMonths, dayOf, monthsOf } from './hosting.ts';
import type { createPayment, listPayments, patchPayment, Payment } from './payments.schema.ts';
import * as sql from './payments.sql.ts';
import { findServer, followPayments, type HostingServer, updateServer } from './servers.sql.ts';
import { toServer } from './servers.ts';
import { toChange } from './sync.ts';

type Dependencies = { db: Pool; clock?: () => Date };
type ListQuery = z.output<(typeof listPayments)['query']>;
type NewPayment = z.output<(typeof createPayment)['body']>;
type PaymentPatch = z.output<(typeof patchPayment)['body']>;

const PaymentPlace = z.object({ paidOn: z.iso.date(), id: z.int() });

/** What clients pay, and when they have to pay next. @throws AppError 404 */
export function createPayments({ db, clock = () => new Date() }: Dependencies) {
  return {
    async list({ server_id: serverId, from, to, cursor, limit }: ListQuery) {
      const filters = { serverId, from, to };
      const scope = ['hosting payments', filters];
      const after = cursor ? { after: decodeCursor(PaymentPlace, cursor, scope) } : {};
      const rows = await sql.listPayments(db, { filters, ...after, limit: limit + 1 });
      const page = rows.slice(0, limit);
      const last = rows.length > limit ? page.at(-1) : undefined;
      return {
        items: page.map(toPayment),
        next_cursor: last ? encodeCursor({ paidOn: last.paidOn, id: last.id }, scope) : null,
      };
    },

    get: async (id: number) => toPayment(await find(db, id)),

    create: (body: NewPayment) =>
      db.begin(async (tx) => {
        const server = await lockServer(tx, body.server_id);
        const { amount, periods, notes = null } = body;
        const paidOn = body.paid_on ?? dayOf(clock());
        const previous = server.nextPaymentDate;
        const next = nextDate(server, paidOn, periods);
        const id = await sql.insertPayment(tx, {
          serverId: server.id,
          amount,
          paidOn,
          periods,
          notes,
          previousPaymentDate: previous,
          nextPaymentDate: next,
        });
        await moveDate(tx, server.id, next);
        return { payment: toPayment(await find(tx, id)), server: await shown(tx, server.id) };
      }),

    async change(id: number, { amount, paid_on: paidOn, notes }: PaymentPatch) {
      await find(db, id);
      const values = {
        ...(amount !== undefined && { amount }),
        ...(paidOn !== undefined && { paidOn }),
        ...(notes !== undefined && { notes }),
      };
      if (Object.keys(values).length > 0) await sql.updatePayment(db, id, values);
      return toPayment(await find(db, id));
    },

    async delete(id: number): Promise<void> {
      await db.begin(async (tx) => {
        const payment = await find(tx, id);
        const { previousPaymentDate: previous, nextPaymentDate: next } = payment;
        const server = await findServer(tx, payment.serverId, { lock: true });
        await sql.deletePayment(tx, id);
        if (server && next !== previous && server.nextPaymentDate === next) {
          await moveDate(tx, server.id, previous);
        }
      });
    },
  };

  /** The status follows the date. */
  async function moveDate(tx: Transaction, serverId: number, date: string | null): Promise<void> {
    await updateServer(tx, serverId, { nextPaymentDate: date });
    const followed = await followPayments(tx, dayOf(clock()), serverId);
    await insertChanges(
      tx,
      followed.map(({ oldStatus, newStatus }) =>
        toChange(serverId, { field: 'status', old: oldStatus, new: newStatus }, 'admin'),
      ),
    );
  }
}

/** Without a date so far the time that is paid for begins with the payment. */
function nextDate(server: HostingServer, paidOn: string, periods: number): string | null {
  const { nextPaymentDate, paymentPeriod, startDate } = server;
  if (periods === 0) return nextPaymentDate;
  return addMonths(nextPaymentDate ?? paidOn, monthsOf(paymentPeriod, periods), startDate);
}

async function lockServer(tx: Transaction, id: number): Promise<HostingServer> {
  const server = await findServer(tx, id, { lock: true });
  if (!server) throw new AppError('not_found', 'Сервер не найден');
  return server;
}

async function shown(tx: Transaction, id: number) {
  return toServer(await lockServer(tx, id));
}

async function find(db: Pool | Transaction, id: number): Promise<sql.PaymentRow> {
  const payment = await sql.findPayment(db, id);
  if (!payment) throw new AppError('not_found', 'Платёж не найден');
  return payment;
}

function toPayment(row: sql.PaymentRow): Payment {
  return {
    id: row.id,
    server_id: row.serverId,
    server_name: row.serverName,
    client_name: row.clientName,
    amount: row.amount,
    paid_on: row.paidOn,
    periods: row.periods,
    next_payment_date: row.nextPaymentDate,
    notes: row.notes,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
