import type { Db } from '../db.ts';

export type NewUpload = {
  id: string;
  enterpriseNumber: string;
  uniqueId: string;
  file: string;
  key: string;
  contentType: string;
  size: number;
  sha256: string | null;
  startedAt: Date;
};

/** Registers a file that is going to be put to the store. */
export async function insertUpload(db: Db, upload: NewUpload): Promise<void> {
  await db`
    insert into recordings ${db({ ...upload, source: 'upload', state: 'uploading' })}`;
}

export async function isKeyTaken(db: Db, key: string): Promise<boolean> {
  const rows = await db`select from recordings where key = ${key}`;
  return rows.length > 0;
}

/** The file is there, whole. False when somebody else has confirmed it already. */
export async function markUploaded(
  db: Db,
  { id, sha256, durationSeconds }: { id: string; sha256: string; durationSeconds: number | null },
): Promise<boolean> {
  const rows = await db`
    update recordings
    set state = 'stored', sha256 = ${sha256}, duration_seconds = ${durationSeconds}, stored_at = now(),
        updated_at = now()
    where id = ${id}::uuid
      and state = 'uploading'
    returning 1`;
  return rows.length > 0;
}
