import type { JSONValue } from 'postgres';
import * as z from 'zod';

import { INTEGRATION_TYPES } from '../crm/crm.schema.ts';
import type { Db } from '../db.ts';

const LogRow = z.object({
  id: z.string(),
  enterpriseNumber: z.string(),
  integrationType: z.string(),
  eventType: z.string(),
  callUniqueId: z.string().nullable(),
  phoneNumber: z.string().nullable(),
  internalExtension: z.string().nullable(),
  requestData: z.custom<JSONValue>(),
  responseData: z.custom<JSONValue>(),
  status: z.enum(['success', 'error', 'pending']),
  errorMessage: z.string().nullable(),
  responseTimeMs: z.number().nullable(),
  deliveryId: z.string().nullable(),
  attempt: z.number().nullable(),
  httpStatus: z.number().nullable(),
  createdAt: z.date(),
  updatedAt: z.date(),
});
export type LogRow = z.output<typeof LogRow>;

export type LogFilters = {
  type?: string | undefined;
  status?: string | undefined;
  event?: string | undefined;
  /** Unique id of the call. */
  call?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
};

type Page = {
  enterpriseNumber: string;
  filters: LogFilters;
  /** The last one of the page before. */
  after?: string | undefined;
  limit: number;
};

export async function listLogs(db: Db, page: Page): Promise<LogRow[]> {
  const rows = await selectLogs(db, page);
  return LogRow.array().parse([...rows]);
}

const STATUSES = ['success', 'error', 'pending'];

/** The query of the list; apart, so that a test can have it explained. */
export function selectLogs(db: Db, { enterpriseNumber, filters, after, limit }: Page) {
  const { type, status, event, call, from, to } = filters;
  const place = db`
    ${after === undefined ? db`` : db`and logs.id < ${after}::bigint`}
    ${from ? db`and logs.created_at >= ${from} ${bound(db, { enterpriseNumber, from })}` : db``}
    ${to ? db`and logs.created_at <= ${to} ${bound(db, { enterpriseNumber, to })}` : db``}
    ${event ? db`and logs.event_type = ${event}` : db``}
    ${call ? db`and logs.call_unique_id = ${call}` : db``}`;
  if (!call && (type || status)) {
    // The index has type and status before the order: each pair is read in its order, and the pages are merged. The
    // pairs stand one by one, so that the planner knows how many rows each of them has.
    const pairs = (type ? [type] : INTEGRATION_TYPES).flatMap((wantedType) =>
      (status ? [status] : STATUSES).map(
        (wantedStatus) => db`
          (
            select *
            from integration_logs as logs
            where logs.enterprise_number = ${enterpriseNumber}
              and logs.integration_type = ${wantedType}
              and logs.status = ${wantedStatus}
              ${place}
            order by logs.id desc
            limit ${limit}
          )`,
      ),
    );
    return db`
      select ${columns(db)}
      from (${pairs.reduce((all, pair) => db`${all} union all ${pair}`)}) as logs
      order by logs.id desc
      limit ${limit}`;
  }
  return db`
    select ${columns(db)}
    from integration_logs as logs
    where logs.enterprise_number = ${enterpriseNumber}
      ${type ? db`and logs.integration_type = ${type}` : db``}
      ${status ? db`and logs.status = ${status}` : db``}
      ${place}
    order by logs.id desc
    limit ${limit}`;
}

type Bound = { enterpriseNumber: string; from?: Date; to?: Date };

/**
 * Ids grow with time, so that a time is a place in the order of ids. Not to the moment: a row is numbered a little
 * before or after the time written on it.
 */
function bound(db: Db, { enterpriseNumber, from, to }: Bound) {
  if (from) {
    return db`
      and logs.id >= coalesce((
        select id
        from integration_logs
        where enterprise_number = ${enterpriseNumber}
          and created_at >= ${from}::timestamptz - interval '2 minutes'
        order by created_at, id
        limit 1
      ), 0) - 1000`;
  }
  return db`
    and logs.id <= coalesce((
      select id
      from integration_logs
      where enterprise_number = ${enterpriseNumber}
        and created_at <= ${to ?? null}::timestamptz + interval '2 minutes'
      order by created_at desc, id desc
      limit 1
    ), 0) + 1000`;
}

function columns(db: Db) {
  return db`
    logs.id, logs.enterprise_number, logs.integration_type, logs.event_type, logs.call_unique_id, logs.phone_number,
    logs.internal_extension, logs.request_data, logs.response_data, logs.status, logs.error_message,
    logs.response_time_ms, logs.delivery_id, logs.attempt, logs.http_status, logs.created_at, logs.updated_at`;
}

const MOST_ATTEMPTS = 100;

/** The last attempts of a delivery, oldest first. */
export async function listAttempts(db: Db, deliveryId: string): Promise<LogRow[]> {
  const rows = await db`
    select ${columns(db)}
    from integration_logs as logs
    where logs.delivery_id = ${deliveryId}::bigint
    order by logs.id desc
    limit ${MOST_ATTEMPTS}`;
  return LogRow.array()
    .parse([...rows])
    .toReversed();
}
