import * as z from 'zod';

import { hasExtension, hasPhone } from '../calls/call-filters.sql.ts';
import type { Db } from '../db.ts';
import { StoredRecordingSettings } from './settings.ts';

const Owner = z.object({
  number: z.string(),
  timezone: z.string(),
  active: z.boolean(),
  copy: z.boolean(),
  recordings: StoredRecordingSettings,
});
export type RecordingOwner = z.output<typeof Owner>;

/** How an enterprise wants its recordings treated. */
export async function findOwner(db: Db, number: string): Promise<RecordingOwner | undefined> {
  const [row] = await db`
    select number, timezone, active, parameter_option_3 as copy, recordings
    from enterprises
    where number = ${number}`;
  return row && Owner.parse(row);
}

/** Writes what is given over what is stored. Undefined when there is no such enterprise. */
export async function saveSettings(
  db: Db,
  number: string,
  {
    settings,
    copy,
  }: { settings: Record<string, string | number | boolean>; copy: boolean | undefined },
): Promise<RecordingOwner | undefined> {
  const [row] = await db`
    update enterprises
    set recordings = recordings || ${db.json(settings)},
        parameter_option_3 = coalesce(${copy ?? null}::boolean, parameter_option_3),
        updated_at = now()
    where number = ${number}
    returning number, timezone, active, parameter_option_3 as copy, recordings`;
  return row && Owner.parse(row);
}

const Recording = z.object({
  id: z.string(),
  enterpriseNumber: z.string(),
  uniqueId: z.string(),
  callId: z.string().nullable(),
  source: z.enum(['box', 'upload']),
  state: z.enum(['uploading', 'stored', 'empty', 'deleted']),
  file: z.string(),
  key: z.string(),
  contentType: z.string(),
  size: z.coerce.number(),
  sha256: z.string().nullable(),
  durationSeconds: z.number().nullable(),
  truncated: z.boolean(),
  startedAt: z.date(),
  hold: z.boolean(),
  revokedAt: z.date().nullable(),
  opens: z.number(),
  openedAt: z.date().nullable(),
  deletedAt: z.date().nullable(),
  boxDeletedAt: z.date().nullable(),
  storedAt: z.date().nullable(),
});
export type Recording = z.output<typeof Recording>;

const columns = (db: Db) => db`
  recordings.id, recordings.enterprise_number, recordings.unique_id, recordings.call_id, recordings.source,
  recordings.state, recordings.file, recordings.key, recordings.content_type, recordings.size, recordings.sha256,
  recordings.duration_seconds, recordings.truncated, recordings.started_at, recordings.hold, recordings.revoked_at,
  recordings.opens, recordings.opened_at, recordings.deleted_at, recordings.box_deleted_at, recordings.stored_at`;

export async function findRecording(
  db: Db,
  { enterpriseNumber, id }: { enterpriseNumber: string; id: string },
): Promise<Recording | undefined> {
  const [row] = await db`
    select ${columns(db)}
    from recordings
    where id = ${id}::uuid
      and enterprise_number = ${enterpriseNumber}`;
  return row && Recording.parse(row);
}

const Listed = Recording.extend({
  callUniqueId: z.string().nullable(),
  phone: z.string().nullable(),
  extension: z.string().nullable(),
  direction: z.enum(['in', 'out', 'internal']).nullable(),
  /** `startedAt` to the microsecond, which a Date does not hold. */
  place: z.string(),
});
export type ListedRecording = z.output<typeof Listed>;

export type RecordingFilters = {
  from?: Date | undefined;
  to?: Date | undefined;
  /** Digits. */
  phone?: string | undefined;
  extension?: string | undefined;
  call?: string | undefined;
};

type Page = {
  enterpriseNumber: string;
  filters: RecordingFilters;
  after?: { startedAt: string; id: string } | undefined;
  limit: number;
};

/** Stored recordings, newest first. */
export async function listRecordings(db: Db, page: Page): Promise<ListedRecording[]> {
  const rows = await selectRecordings(db, page);
  return Listed.array().parse([...rows]);
}

/** The query of the list; apart, so that a test can have it explained. */
export function selectRecordings(db: Db, { enterpriseNumber, filters, after, limit }: Page) {
  const { from, to, phone, extension, call } = filters;
  const byCall = call !== undefined || phone !== undefined || extension !== undefined;
  // A number or an extension is the call's: its calls are few, and each has its recordings at hand.
  const calls = byCall
    ? db`
      join calls on calls.id = recordings.call_id
        and calls.enterprise_number = ${enterpriseNumber}
        ${call ? db`and calls.id = ${call}::uuid` : db``}
        ${phone ? hasPhone(db, phone) : db``}
        ${extension ? hasExtension(db, enterpriseNumber, extension) : db``}`
    : db`left join calls on calls.id = recordings.call_id`;
  return db`
    select
      ${columns(db)}, calls.main_unique_id as call_unique_id, calls.phone, calls.direction,
      coalesce(calls.last_talked_by, calls.first_answered_by) as extension,
      to_char(recordings.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as place
    from recordings
    ${calls}
    where recordings.enterprise_number = ${enterpriseNumber}
      and recordings.state = 'stored'
      ${from ? db`and recordings.started_at >= ${from}` : db``}
      ${to ? db`and recordings.started_at <= ${to}` : db``}
      ${after ? db`and (recordings.started_at, recordings.id) < (${after.startedAt}::timestamptz, ${after.id}::uuid)` : db``}
    order by recordings.started_at desc, recordings.id desc
    limit ${limit}`;
}

/** Holds or lets go, takes the link back or gives it again. Undefined when there is no such recording in the store. */
export async function markRecording(
  db: Db,
  { enterpriseNumber, id }: { enterpriseNumber: string; id: string },
  { hold, revoked }: { hold: boolean | undefined; revoked: boolean | undefined },
): Promise<{ hold: boolean; revoked: boolean } | undefined> {
  const [row] = await db`
    update recordings
    set hold = coalesce(${hold ?? null}::boolean, hold),
        revoked_at = case ${revoked ?? null}::boolean
          when true then coalesce(revoked_at, now())
          when false then null
          else revoked_at
        end,
        updated_at = now()
    where id = ${id}::uuid
      and enterprise_number = ${enterpriseNumber}
      and state = 'stored'
    returning hold, revoked_at is not null as revoked`;
  return z.object({ hold: z.boolean(), revoked: z.boolean() }).optional().parse(row);
}

const Linked = z.object({
  /** The recording that is meant, when there is one by now. */
  id: z.string().nullable(),
  key: z.string().nullable(),
  contentType: z.string().nullable(),
  state: z.enum(['uploading', 'stored', 'empty', 'deleted']).nullable(),
  revoked: z.boolean(),
  /** Since when a file may be waited for; null for the link of a file itself. */
  since: z.date().nullable(),
});
export type LinkedRecording = z.output<typeof Linked>;

/**
 * What a permanent link leads to: a call's means its main channel's recording, else the longest (of the call it was
 * merged into); a file's means that file. Undefined when nobody ever gave out such a link.
 */
export async function findLinked(db: Db, file: string): Promise<LinkedRecording | undefined> {
  const [row] = await db`
    with recursive linked as (
      select calls.id, calls.main_unique_id, calls.merged_into, coalesce(calls.ended_at, calls.last_event_at) as since
      from calls
      where calls.recording_file = ${file}
      union all
      select calls.id, calls.main_unique_id, calls.merged_into, linked.since
      from linked
      join calls on calls.id = linked.merged_into
    ),
    call as (
      select id, main_unique_id, since
      from linked
      where merged_into is null
    )
    select
      recordings.id, recordings.key, recordings.content_type, recordings.state,
      recordings.revoked_at is not null as revoked, null::timestamptz as since
    from recordings
    where file = ${file}
    union all
    select best.id, best.key, best.content_type, best.state, coalesce(best.revoked_at is not null, false), call.since
    from call
    left join lateral (
      select id, key, content_type, state, revoked_at
      from recordings
      where call_id = call.id
        and state in ('stored', 'deleted')
      order by
        state = 'stored' and revoked_at is null desc,
        unique_id = call.main_unique_id desc,
        duration_seconds desc nulls last,
        id
      limit 1
    ) as best on true
    limit 1`;
  return row && Linked.parse(row);
}

/** One more opened it. */
export async function countOpen(db: Db, id: string): Promise<void> {
  await db`
    update recordings
    set opens = opens + 1, opened_at = now()
    where id = ${id}::uuid`;
}
