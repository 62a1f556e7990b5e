import * as z from 'zod';

import type { Db } from '../db.ts';

const Wav = z.object({
  id: z.string(),
  key: z.string(),
  size: z.coerce.number(),
  durationSeconds: z.number().nullable(),
  uniqueId: z.string(),
});
export type StoredWav = z.output<typeof Wav>;

/** Stored recordings that are to become mp3: the newest first, of the last days only. */
export async function listWavs(
  db: Db,
  enterpriseNumber: string,
  limit: number,
): Promise<StoredWav[]> {
  const rows = await db`
    select id, key, size, duration_seconds, unique_id
    from recordings
    where enterprise_number = ${enterpriseNumber}
      and state = 'stored'
      and content_type = 'audio/wav'
      and mp3_problem is null
      and started_at > now() - interval '14 days'
    order by started_at desc, id desc
    limit ${limit}`;
  return Wav.array().parse([...rows]);
}

export async function noteMp3Problem(db: Db, id: string, problem: string): Promise<void> {
  await db`
    update recordings
    set mp3_problem = ${problem}, updated_at = now()
    where id = ${id}::uuid`;
}

/** From now on the recording is its mp3. False when it changed meanwhile. */
export async function replaceByMp3(
  db: Db,
  {
    id,
    from,
    to,
    size,
    sha256,
  }: { id: string; from: string; to: string; size: number; sha256: string },
): Promise<boolean> {
  const rows = await db`
    update recordings
    set key = ${to}, content_type = 'audio/mpeg', size = ${size}, sha256 = ${sha256}, updated_at = now()
    where id = ${id}::uuid
      and key = ${from}
      and state = 'stored'
    returning 1`;
  return rows.length > 0;
}

/** Originals whose mp3 is in place and that a run which died did not delete. */
export async function listReplaced(
  db: Db,
  enterpriseNumber: string,
): Promise<{ id: string; name: string }[]> {
  const rows = await db`
    select recording_deletions.id, recording_deletions.name
    from recording_deletions
    join recordings on recordings.id = recording_deletions.recording_id
    where recording_deletions.enterprise_number = ${enterpriseNumber}
      and recording_deletions.done_at is null
      and recording_deletions.place = 'store'
      and recording_deletions.reason = 'replaced by mp3'
      and recordings.key <> recording_deletions.name
      and recordings.content_type = 'audio/mpeg'
    limit 1000`;
  return z
    .object({ id: z.coerce.string(), name: z.string() })
    .array()
    .parse([...rows]);
}
