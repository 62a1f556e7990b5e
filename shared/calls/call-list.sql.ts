import * as z from 'zod';

import type { Db } from '../db.ts';
import { hasExtension, hasPhone } from './call-filters.sql.ts';
import { END_STATUSES, LIVE_STATUSES } from './call.ts';

const CallRow = z.object({
  id: z.string(),
  mainUniqueId: z.string(),
  direction: z.enum(['in', 'out', 'internal']),
  status: z.enum([...LIVE_STATUSES, ...END_STATUSES]),
  phone: z.string().nullable(),
  line: z.string().nullable(),
  caller: z.string().nullable(),
  ringing: z.array(z.string()),
  rang: z.array(z.string()),
  firstAnsweredBy: z.string().nullable(),
  lastTalkedBy: z.string().nullable(),
  transferFrom: z.string().nullable(),
  transferTo: z.string().nullable(),
  clickToCall: z.boolean(),
  source: z.enum(['live', 'downloaded']),
  startedAt: z.date(),
  answeredAt: z.date().nullable(),
  endedAt: z.date().nullable(),
  waitSeconds: z.number().nullable(),
  talkSeconds: z.number().nullable(),
  /** `startedAt` to the microsecond, which a Date does not hold. */
  place: z.string(),
});
export type CallRow = z.output<typeof CallRow>;

export type CallFilters = {
  from?: Date | undefined;
  to?: Date | undefined;
  /** Digits. */
  phone?: string | undefined;
  extension?: string | undefined;
  direction?: string | undefined;
  status?: string | undefined;
  source?: 'live' | 'downloaded' | undefined;
};

/** The last call of the page before. */
export type CallPlace = { startedAt: string; id: string };

type Page = { enterpriseNumber: string; filters: CallFilters; after?: CallPlace | undefined };

export async function listCalls(db: Db, page: Page & { limit: number }): Promise<CallRow[]> {
  const rows = await selectCalls(db, page);
  return CallRow.array().parse([...rows]);
}

/** The query of the list; apart, so that a test can have it explained. */
export function selectCalls(db: Db, page: Page & { limit: number }) {
  const { rows, startedAt, id } = matching(db, page);
  return db`
    select ${callColumns(db)}
    ${rows}
    order by ${startedAt} desc, ${id} desc
    limit ${page.limit}`;
}

/** How many there are; with a limit no further than that. */
export async function countCalls(db: Db, page: Page, limit?: number): Promise<number> {
  const { rows } = matching(db, page);
  const [row] = await db`
    select count(*)::int as count
    from (
      select 1
      ${rows}
      ${limit === undefined ? db`` : db`limit ${limit}`}
    ) as found`;
  return z.object({ count: z.number() }).parse(row).count;
}

function matching(db: Db, { enterpriseNumber, filters, after }: Page) {
  const { from, to, phone, extension, direction, status, source } = filters;
  // Whichever table gives the order has an index that ends in it. A number has fewer calls than an extension.
  const people = extension !== undefined && !phone;
  const startedAt = people ? db`people.started_at` : db`calls.started_at`;
  const id = people ? db`people.call_id` : db`calls.id`;
  const place = db`
    ${from ? db`and ${startedAt} >= ${from}` : db``}
    ${to ? db`and ${startedAt} <= ${to}` : db``}
    ${after ? db`and (${startedAt}, ${id}) < (${after.startedAt}::timestamptz, ${after.id}::uuid)` : db``}`;
  const kind = db`
    and calls.merged_into is null
    ${phone ? hasPhone(db, phone) : db``}
    ${extension && phone ? hasExtension(db, enterpriseNumber, extension) : db``}
    ${direction ? db`and calls.direction = ${direction}` : db``}
    ${status ? db`and calls.status = ${status}` : db``}
    ${source ? hasSource(db, source) : db``}`;
  const rows = people
    ? // One call looked up per row: left to itself the planner takes the two conditions of the join for a rare
      // coincidence, and reads and sorts all calls of the extension.
      db`
        from call_extensions as people
        cross join lateral (
          select *
          from calls
          where calls.id = people.call_id
            and calls.started_at = people.started_at
            ${kind}
          limit 1
        ) as calls
        where people.enterprise_number = ${enterpriseNumber}
          and people.extension = ${extension}
          ${place}`
    : db`
        from calls
        where calls.enterprise_number = ${enterpriseNumber}
          ${kind}
          ${place}`;
  return { rows, startedAt, id };
}

/** The word stands in the query, because the index of the downloaded ones is only used when it does. */
function hasSource(db: Db, source: 'live' | 'downloaded') {
  return source === 'live' ? db`and calls.source = 'live'` : db`and calls.source = 'downloaded'`;
}

export async function findCall(
  db: Db,
  { enterpriseNumber, id }: { enterpriseNumber: string; id: string },
): Promise<CallRow | undefined> {
  const [row] = await db`
    select ${callColumns(db)}
    from calls
    where calls.id = ${id}::uuid
      and calls.enterprise_number = ${enterpriseNumber}
      and calls.merged_into is null`;
  return row && CallRow.parse(row);
}

function callColumns(db: Db) {
  return db`
    calls.id, calls.main_unique_id, calls.direction, calls.status, calls.phone, calls.line, calls.caller,
    calls.ringing, calls.rang, calls.first_answered_by, calls.last_talked_by, calls.transfer_from, calls.transfer_to,
    calls.click_to_call, calls.source, calls.started_at, calls.answered_at, calls.ended_at, calls.wait_seconds,
    calls.talk_seconds,
    to_char(calls.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as place`;
}

const CallParts = z.object({
  talkers: z.array(
    z.object({ extension: z.string(), fromAt: z.date(), toAt: z.date().nullable() }),
  ),
  events: z.array(
    z.object({
      id: z.string(),
      eventType: z.string(),
      uniqueId: z.string().nullable(),
      source: z.enum(['live', 'downloaded']),
      receivedAt: z.date(),
      payload: z.record(z.string(), z.unknown()),
    }),
  ),
  deliveries: z.array(
    z.object({
      id: z.string(),
      integrationType: z.string(),
      step: z.string(),
      round: z.number(),
      state: z.string(),
      reason: z.string().nullable(),
      attempts: z.number(),
      createdAt: z.date(),
      updatedAt: z.date(),
    }),
  ),
  recordings: z.array(
    z.object({
      id: z.string(),
      uniqueId: z.string(),
      file: z.string(),
      contentType: z.string(),
      size: z.coerce.number(),
      durationSeconds: z.number().nullable(),
      truncated: z.boolean(),
      hold: z.boolean(),
    }),
  ),
});
export type CallParts = z.output<typeof CallParts>;

const MOST_EVENTS = 1_000;

/** What a call is made of and what it led to. Some loops of greetings make thousands of events. */
export async function loadCallParts(db: Db, callId: string): Promise<CallParts> {
  const [talkers, events, deliveries, recordings] = await Promise.all([
    db`
      select extension, from_at, to_at
      from call_talkers
      where call_id = ${callId}::uuid
      order by position`,
    db`
      select id, event_type, unique_id, source, received_at, payload
      from call_events
      where call_id = ${callId}::uuid
      order by received_at, id
      limit ${MOST_EVENTS}`,
    db`
      select id, integration_type, step, round, state, reason, attempts, created_at, updated_at
      from deliveries
      where call_id = ${callId}::uuid
      order by id`,
    db`
      select recordings.id, recordings.unique_id, recordings.file, recordings.content_type, recordings.size,
        recordings.duration_seconds, recordings.truncated, recordings.hold
      from recordings
      join calls on calls.id = recordings.call_id
      where recordings.call_id = ${callId}::uuid
        and recordings.state = 'stored'
      order by recordings.unique_id = calls.main_unique_id desc, recordings.duration_seconds desc nulls last,
        recordings.id`,
  ]);
  return CallParts.parse({
    talkers: [...talkers],
    events: [...events],
    deliveries: [...deliveries],
    recordings: [...recordings],
  });
}

const Names = z.record(z.string(), z.string().nullable());
const Enterprise = z.object({ timezone: z.string(), extensionNames: Names, lineNames: Names });
export type CallOwner = z.output<typeof Enterprise>;

/** Whose calls these are: the clock they are shown by, and the names. */
export async function findCallOwner(db: Db, number: string): Promise<CallOwner | undefined> {
  const [row] = await db`
    select
      timezone,
      coalesce((
        select jsonb_object_agg(extension, name)
        from extensions
        where enterprise_number = enterprises.number
      ), '{}') as extension_names,
      coalesce((
        select jsonb_object_agg(line, name)
        from lines
        where enterprise_number = enterprises.number
      ), '{}') as line_names
    from enterprises
    where number = ${number}`;
  return row && Enterprise.parse(row);
}
