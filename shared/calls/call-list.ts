import * as z from 'zod';

import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import { lastMomentOf, momentOf } from '../zoned-time.ts';
import {
  type CallDetail,
  CallFilters as FiltersQuery,
  type CallItem,
  toCallFilters,
} from './call-list.schema.ts';
import * as sql from './call-list.sql.ts';

type Query = z.output<typeof FiltersQuery>;

/** The place of a row in the list: when it started, to the microsecond, and its id. */
const Place = z.tuple([z.iso.datetime({ precision: 6 }), z.uuid()]);

/** A page of the calls of an enterprise, newest first. @throws AppError 404; 422 the cursor is not of this list */
export async function listCalls(
  db: Pool,
  number: string,
  { cursor, limit, ...query }: Query & { cursor?: string | undefined; limit: number },
) {
  const owner = await findOwner(db, number);
  // Only what was asked for, in one order: the same filters make the same scope.
  const scope = [number, FiltersQuery.keyof().options.map((name) => query[name] ?? null)];
  const [startedAt, id] = cursor === undefined ? [] : decodeCursor(Place, cursor, scope);
  const rows = await sql.listCalls(db, {
    enterpriseNumber: number,
    filters: filtersOf(query, owner.timezone),
    after: startedAt && id ? { startedAt, id } : undefined,
    limit: limit + 1,
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(toItem),
    next_cursor: last && rows.length > limit ? encodeCursor([last.place, last.id], scope) : null,
  };
}

/** @throws AppError 404 */
export async function getCall(
  db: Pool,
  number: string,
  id: string,
): Promise<z.output<typeof CallDetail>> {
  const call = await sql.findCall(db, { enterpriseNumber: number, id });
  if (!call) throw new AppError('not_found', 'Звонок не найден');
  const { talkers, events, deliveries, recordings } = await sql.loadCallParts(db, id);
  return {
    ...toItem(call),
    talkers: talkers.map(({ extension, fromAt, toAt }) => ({
      extension,
      from: fromAt.toISOString(),
      to: toAt?.toISOString() ?? null,
    })),
    events: events.map(({ eventType, uniqueId, receivedAt, payload, ...event }) => ({
      ...event,
      event: eventType,
      unique_id: uniqueId,
      received_at: receivedAt.toISOString(),
      payload: withoutToken(payload),
    })),
    deliveries: deliveries.map(({ integrationType, createdAt, updatedAt, ...delivery }) => ({
      ...delivery,
      integration: integrationType,
      created_at: createdAt.toISOString(),
      updated_at: updatedAt.toISOString(),
    })),
    recordings: recordings.map(
      ({ uniqueId, file, contentType, durationSeconds, ...recording }) => ({
        ...recording,
        unique_id: uniqueId,
        link: `/r/${file}`,
        content_type: contentType,
        duration: durationSeconds,
      }),
    ),
  };
}

/** @throws AppError 404 */
export async function findOwner(db: Pool, number: string): Promise<sql.CallOwner> {
  const owner = await sql.findCallOwner(db, number);
  if (!owner) throw new AppError('not_found', 'Предприятие не найдено');
  return owner;
}

export function filtersOf(query: Query, timezone: string): sql.CallFilters {
  const { from, to, ...rest } = toCallFilters(query);
  return {
    ...rest,
    from: from === undefined ? undefined : momentOf(from, timezone),
    to: to === undefined ? undefined : lastMomentOf(to, timezone),
  };
}

/** A call in the words of the API. */
export function toItem(call: sql.CallRow): z.output<typeof CallItem> {
  return {
    id: call.id,
    unique_id: call.mainUniqueId,
    direction: call.direction,
    status: call.status,
    phone: call.phone,
    line: call.line,
    caller: call.caller,
    ringing: call.ringing,
    rang: call.rang,
    first_answered_by: call.firstAnsweredBy,
    last_talked_by: call.lastTalkedBy,
    transfer_from: call.transferFrom,
    transfer_to: call.transferTo,
    click_to_call: call.clickToCall,
    source: call.source,
    started_at: call.startedAt.toISOString(),
    answered_at: call.answeredAt?.toISOString() ?? null,
    ended_at: call.endedAt?.toISOString() ?? null,
    wait_seconds: call.waitSeconds,
    talk_seconds: call.talkSeconds,
  };
}

/** The box's token opens the intake: whoever may see a call may not see that. */
function withoutToken(payload: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(payload).filter(([name]) => name.toLowerCase() !== 'token'),
  );
}
