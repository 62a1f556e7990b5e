import * as z from 'zod';

import type { Admin } from '../auth/caller.ts';
import type { Db } from '../db.ts';

const Planned = z.object({
  id: z.coerce.string(),
  recordingId: z.string(),
  name: z.string(),
});
export type PlannedDeletion = z.output<typeof Planned>;

export type Expiring = {
  enterpriseNumber: string;
  /** Everything that started before this goes. */
  before: Date;
};

/** The next recordings that are due, oldest first: found by index, whatever else is kept. */
function expired(db: Db, { enterpriseNumber, before }: Expiring, limit: number) {
  return db`
    select id, enterprise_number, key, size
    from recordings
    where enterprise_number = ${enterpriseNumber}
      and state = 'stored'
      and started_at < ${before}
      and not hold
    order by started_at, id
    limit ${limit}`;
}

/**
 * Writes down what is to go before anything goes. What was planned and not done (the job died) is planned again.
 * The row is what a second run finds: nothing is forgotten, and nothing is deleted that is not in the journal.
 */
export async function planExpired(
  db: Db,
  expiring: Expiring,
  { reason, limit }: { reason: string; limit: number },
): Promise<PlannedDeletion[]> {
  const rows = await db`
    insert into recording_deletions (recording_id, enterprise_number, place, name, size, reason)
    select id, enterprise_number, 'store', key, size, ${reason}
    from (${expired(db, expiring, limit)}) as expired
    on conflict (recording_id, place, name) do update
    set planned_at = now(), problem = null
    returning id, recording_id, name`;
  return Planned.array().parse([...rows]);
}

/** What a run would delete. */
export async function countExpired(
  db: Db,
  { enterpriseNumber, before }: Expiring,
): Promise<{ files: number; bytes: number }> {
  const [row] = await db`
    select count(*)::int as files, coalesce(sum(size), 0)::float8 as bytes
    from recordings
    where enterprise_number = ${enterpriseNumber}
      and state = 'stored'
      and started_at < ${before}
      and not hold`;
  return z.object({ files: z.number(), bytes: z.number() }).parse(row);
}

/** One deletion in the store that somebody asked for. Undefined when it is on hold or not there. */
export async function planOne(
  db: Db,
  { id, enterpriseNumber, admin }: { id: string; enterpriseNumber: string; admin: Admin },
): Promise<PlannedDeletion | undefined> {
  const [row] = await db`
    insert into recording_deletions (recording_id, enterprise_number, place, name, size, reason, admin_kind, admin_id)
    select id, enterprise_number, 'store', key, size, 'asked for', ${admin.kind}, ${admin.id}
    from recordings
    where id = ${id}::uuid
      and enterprise_number = ${enterpriseNumber}
      and state = 'stored'
      and not hold
    on conflict (recording_id, place, name) do update
    set planned_at = now(), problem = null
    returning id, recording_id, name`;
  return row && Planned.parse(row);
}

/** A file on a box, or an object that a better one replaced. */
export async function planDeletion(
  db: Db,
  deletion: {
    recordingId: string;
    enterpriseNumber: string;
    place: 'store' | 'box';
    name: string;
    size: number;
    reason: string;
  },
): Promise<string> {
  const [row] = await db`
    insert into recording_deletions ${db(deletion)}
    on conflict (recording_id, place, name) do update
    set planned_at = now(), problem = null
    returning id`;
  return z.object({ id: z.coerce.string() }).parse(row).id;
}

/** The objects are gone: the rows say so and the journal too. */
export async function finishDeletions(db: Db, deletions: PlannedDeletion[]): Promise<void> {
  if (deletions.length === 0) return;
  await db`
    with done as (
      update recording_deletions
      set done_at = now(), problem = null
      where id = any(${deletions.map(({ id }) => id)}::bigint[])
      returning recording_id
    )
    update recordings
    set state = 'deleted', deleted_at = now(), updated_at = now()
    from done
    where recordings.id = done.recording_id`;
}

/** The journal alone: the recording itself is still there. */
export async function finishDeletion(db: Db, id: string): Promise<void> {
  await db`
    update recording_deletions
    set done_at = now(), problem = null
    where id = ${id}::bigint`;
}

export async function noteProblem(db: Db, id: string, problem: string): Promise<void> {
  await db`
    update recording_deletions
    set problem = ${problem}
    where id = ${id}::bigint`;
}

/** Between the plan and the deletion somebody may have said "hold": those are taken off the plan. */
export async function withoutHeld(
  db: Db,
  deletions: PlannedDeletion[],
): Promise<PlannedDeletion[]> {
  const rows = await db`
    delete from recording_deletions
    using recordings
    where recording_deletions.id = any(${deletions.map(({ id }) => id)}::bigint[])
      and recordings.id = recording_deletions.recording_id
      and recordings.hold
    returning recording_deletions.id`;
  const held = new Set(
    z
      .object({ id: z.coerce.string() })
      .array()
      .parse([...rows])
      .map(({ id }) => id),
  );
  return deletions.filter(({ id }) => !held.has(id));
}

const Retention = z.object({
  number: z.string(),
  timezone: z.string(),
  days: z.number(),
});
export type Retention = z.output<typeof Retention>;

/** Enterprises that keep their recordings for so many days only. */
export async function listRetentions(db: Db, usualDays: number): Promise<Retention[]> {
  const rows = await db`
    select number, timezone, days
    from (
      select number, timezone,
        case when jsonb_typeof(recordings -> 'retention_days') = 'number'
          then (recordings ->> 'retention_days')::numeric::int
          else ${usualDays}::int
        end as days
      from enterprises
    ) as settings
    where days > 0
    order by number`;
  return Retention.array().parse([...rows]);
}

/** A box was given a link and never confirmed: nothing is known to be there, so the row may go with what there is. */
export async function listUnconfirmed(
  db: Db,
  before: Date,
  limit: number,
): Promise<{ id: string; key: string }[]> {
  const rows = await db`
    select id, key
    from recordings
    where state = 'uploading'
      and created_at < ${before}
    order by created_at
    limit ${limit}`;
  return z
    .object({ id: z.string(), key: z.string() })
    .array()
    .parse([...rows]);
}

export async function planUnconfirmed(db: Db, ids: string[]): Promise<PlannedDeletion[]> {
  const rows = await db`
    insert into recording_deletions (recording_id, enterprise_number, place, name, size, reason)
    select id, enterprise_number, 'store', key, size, 'never confirmed'
    from recordings
    where id = any(${ids}::uuid[])
      and state = 'uploading'
    on conflict (recording_id, place, name) do update
    set planned_at = now()
    returning id, recording_id, name`;
  return Planned.array().parse([...rows]);
}
