import * as z from 'zod';

import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import { lastMomentOf, momentOf } from '../zoned-time.ts';
import { type Delivery, DeliveryFilters, type LogEntry, LogFilters } from './deliveries.schema.ts';
import * as sql from './deliveries.sql.ts';
import { listAttempts, listLogs as selectLogs, type LogRow } from './logs.sql.ts';

type Paged<Filters> = Filters & { cursor?: string | undefined; limit: number };

/** The place of a row in a list: its id. */
const Place = z.string().regex(/^\d+$/);

/** An array as the predecessor answered; a page when a cursor is sent, be it empty. @throws AppError 404, 422 */
export async function listLogs(
  db: Pool,
  number: string,
  { cursor, limit, ...query }: Paged<z.output<typeof LogFilters>>,
) {
  const scope = ['logs', number, LogFilters.keyof().options.map((name) => query[name] ?? null)];
  const after = cursor ? decodeCursor(Place, cursor, scope) : undefined;
  const filters = { ...query, ...(await periodOf(db, number, query)) };
  const rows = await selectLogs(db, { enterpriseNumber: number, filters, after, limit: limit + 1 });
  const page = pageOf(rows, limit, scope, toLogEntry);
  return cursor === undefined ? page.items : page;
}

/** @throws AppError 404, 422 */
export async function listDeliveries(
  db: Pool,
  number: string,
  { cursor, limit, ...query }: Paged<z.output<typeof DeliveryFilters>>,
) {
  const filterNames = DeliveryFilters.keyof().options;
  const scope = ['deliveries', number, filterNames.map((name) => query[name] ?? null)];
  const after = cursor ? decodeCursor(Place, cursor, scope) : undefined;
  const filters = { ...query, ...(await periodOf(db, number, query)) };
  const rows = await sql.listDeliveries(db, {
    enterpriseNumber: number,
    filters,
    after,
    limit: limit + 1,
  });
  return pageOf(rows, limit, scope, toDelivery);
}

/** @throws AppError 404 */
export async function getDelivery(db: Pool, number: string, id: string) {
  const delivery = await sql.findDelivery(db, { enterpriseNumber: number, id });
  if (!delivery) throw new AppError('not_found', 'Доставка не найдена');
  const attempts = await listAttempts(db, id);
  return { ...toDelivery(delivery), history: attempts.map(toLogEntry) };
}

/** What dates mean on the clock of the enterprise. @throws AppError 404 */
export async function periodOf(
  db: Pool,
  number: string,
  { from, to }: { from?: string | undefined; to?: string | undefined },
) {
  const timezone = await sql.findTimezone(db, number);
  if (timezone === undefined) throw new AppError('not_found', 'Предприятие не найдено');
  return {
    from: from === undefined ? undefined : momentOf(from, timezone),
    to: to === undefined ? undefined : lastMomentOf(to, timezone),
  };
}

function pageOf<Row extends { id: string }, Item>(
  rows: Row[],
  limit: number,
  scope: unknown,
  toItem: (row: Row) => Item,
) {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(toItem),
    next_cursor: last && rows.length > limit ? encodeCursor(last.id, scope) : null,
  };
}

function toLogEntry(row: LogRow): LogEntry {
  return {
    id: row.id,
    enterprise_number: row.enterpriseNumber,
    integration_type: row.integrationType,
    event_type: row.eventType,
    call_unique_id: row.callUniqueId,
    phone_number: row.phoneNumber,
    internal_extension: row.internalExtension,
    request_data: row.requestData,
    response_data: row.responseData,
    status: row.status,
    error_message: row.errorMessage,
    response_time_ms: row.responseTimeMs,
    delivery_id: row.deliveryId,
    attempt: row.attempt,
    http_status: row.httpStatus,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

const WAITING = new Set(['pending', 'retrying']);

/** A delivery in the words of the API. */
export function toDelivery(row: sql.DeliveryRow): Delivery {
  return {
    id: row.id,
    integration: row.integrationType,
    step: row.step,
    round: row.round,
    state: row.state,
    reason: row.reason,
    attempts: row.attempts,
    call_id: row.callId,
    call_unique_id: row.mainUniqueId,
    chat_id: row.chatId,
    chat_number: row.chatNumber,
    phone: row.phone,
    extensions: row.extensions,
    due_at: row.dueAt.toISOString(),
    next_attempt_at: WAITING.has(row.state) ? row.nextAttemptAt.toISOString() : null,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
