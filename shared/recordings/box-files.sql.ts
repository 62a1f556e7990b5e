import * as z from 'zod';

import type { Db } from '../db.ts';

const Remembered = z.object({
  id: z.string(),
  boxPath: z.string(),
  boxSize: z.coerce.number(),
  state: z.enum(['uploading', 'stored', 'empty', 'deleted']),
  boxDeletedAt: z.date().nullable(),
  key: z.string(),
  file: z.string(),
});
export type RememberedFile = z.output<typeof Remembered>;

const PATHS_AT_ONCE = 5_000;

/** What became of these files of a box. The rows are the memory: what is in it is never uploaded again. */
export async function findRemembered(
  db: Db,
  enterpriseNumber: string,
  paths: string[],
): Promise<Map<string, RememberedFile>> {
  const found = new Map<string, RememberedFile>();
  for (let at = 0; at < paths.length; at += PATHS_AT_ONCE) {
    const rows = await db`
      select id, box_path, coalesce(box_size, 0) as box_size, state, box_deleted_at, key, file
      from recordings
      where enterprise_number = ${enterpriseNumber}
        and box_path = any(${paths.slice(at, at + PATHS_AT_ONCE)}::text[])`;
    for (const row of Remembered.array().parse([...rows])) found.set(row.boxPath, row);
  }
  return found;
}

export type BoxRecording = {
  id: string;
  enterpriseNumber: string;
  uniqueId: string;
  state: 'stored' | 'empty';
  boxPath: string;
  boxSize: number;
  boxModifiedAt: Date;
  file: string;
  key: string;
  contentType: string;
  size: number;
  sha256: string | null;
  durationSeconds: number | null;
  truncated: boolean;
  startedAt: Date;
};

/** The copy is verified, or the file holds nothing: remembered. A file that grew again after all replaces its row's words. */
export async function remember(db: Db, recording: BoxRecording): Promise<void> {
  const { id: _id, file: _file, enterpriseNumber: _number, ...changed } = recording;
  const storedAt = recording.state === 'stored' ? new Date() : null;
  await db`
    insert into recordings ${db({ ...recording, source: 'box', storedAt })}
    on conflict (enterprise_number, box_path) where box_path is not null do update
    set ${db(changed)}, stored_at = ${storedAt}, box_deleted_at = null, updated_at = now()`;
}

/** Whose key it is, when it is somebody's. */
export async function findKeyOwner(db: Db, key: string): Promise<string | undefined> {
  const [row] =
    await db`select coalesce(box_path, '') as box_path from recordings where key = ${key}`;
  return row && z.object({ boxPath: z.string() }).parse(row).boxPath;
}

const OnBox = z.object({
  id: z.string(),
  boxPath: z.string(),
  boxSize: z.coerce.number(),
  boxModifiedAt: z.date(),
  key: z.string(),
  size: z.coerce.number(),
});
export type FileOnBox = z.output<typeof OnBox>;

/** Copied files that are still on the box, oldest first. */
export async function listOnBox(
  db: Db,
  enterpriseNumber: string,
  limit: number,
): Promise<FileOnBox[]> {
  const rows = await db`
    select id, box_path, box_size, box_modified_at, key, size
    from recordings
    where enterprise_number = ${enterpriseNumber}
      and state = 'stored'
      and source = 'box'
      and box_deleted_at is null
    order by stored_at
    limit ${limit}`;
  return OnBox.array().parse([...rows]);
}

/** With the journal, in case the run that deleted it died before it could say so. */
export async function markGoneFromBox(db: Db, id: string): Promise<void> {
  await db`
    with journal as (
      update recording_deletions
      set done_at = now(), problem = null
      where recording_id = ${id}::uuid
        and place = 'box'
        and done_at is null
    )
    update recordings
    set box_deleted_at = now(), updated_at = now()
    where id = ${id}::uuid`;
}

/** What the last look at a box came to. */
export async function saveLook(
  db: Db,
  look: {
    enterpriseNumber: string;
    reached: boolean;
    problem: string | null;
    counts: Record<string, number>;
    cdrWithoutIds: boolean | undefined;
  },
): Promise<void> {
  const { enterpriseNumber, reached, problem, counts, cdrWithoutIds } = look;
  await db`
    insert into recording_syncs (enterprise_number, run, ran_at, reached_at, problem, counts, cdr_without_ids)
    values (${enterpriseNumber}, 1, now(), case when ${reached} then now() end, ${problem}, ${db.json(counts)},
      ${cdrWithoutIds ?? false})
    on conflict (enterprise_number) do update
    set run = recording_syncs.run + 1,
        ran_at = now(),
        reached_at = coalesce(excluded.reached_at, recording_syncs.reached_at),
        problem = excluded.problem,
        counts = excluded.counts,
        cdr_without_ids = coalesce(${cdrWithoutIds ?? null}::boolean, recording_syncs.cdr_without_ids)`;
}
