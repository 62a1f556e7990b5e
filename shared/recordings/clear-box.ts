import type { Pool } from '../db.ts';
import { type FileOnBox, listOnBox, markGoneFromBox } from './box-files.sql.ts';
import { finishDeletion, planDeletion } from './deletions.sql.ts';
import type { RecordingOwner } from './recordings.sql.ts';
import type { RemoteFile, RemoteFiles } from './remote-files.ts';
import type { Store } from './store.ts';

const AT_ONCE = 500;

/**
 * Takes files off a box whose copies are verified: the object is asked for its size once more, and the file must be the
 * one that was copied. Each is in the journal before it goes. Returns how many went.
 */
export async function clearBox(
  { db, store, files }: { db: Pool; store: Pick<Store, 'head'>; files: RemoteFiles },
  { owner, listed, stopAt }: { owner: RecordingOwner; listed: RemoteFile[]; stopAt: number },
): Promise<number> {
  if (!owner.recordings.delete_after_upload) return 0;
  const here = new Map(listed.map((file) => [file.path, file]));
  let cleared = 0;
  for (const copied of await listOnBox(db, owner.number, AT_ONCE)) {
    if (Date.now() > stopAt) break;
    if (await clearOne(copied)) cleared += 1;
  }
  return cleared;

  async function clearOne(copied: FileOnBox): Promise<boolean> {
    const { id, boxPath, boxSize, boxModifiedAt, key, size } = copied;
    // What was deleted by a run that died is not in the listing any more.
    const file = here.has(boxPath) ? await files.stat(boxPath) : undefined;
    if (file) {
      if (file.size !== boxSize || +file.modifiedAt !== +boxModifiedAt) return false;
      const object = await store.head(key);
      if (object?.size !== size) return false;
    }
    const deletion = { recordingId: id, enterpriseNumber: owner.number, place: 'box' as const };
    if (file) {
      const journal = await planDeletion(db, {
        ...deletion,
        name: boxPath,
        size: boxSize,
        reason: 'copied',
      });
      await files.remove(boxPath);
      await finishDeletion(db, journal);
    }
    await markGoneFromBox(db, id);
    return file !== undefined;
  }
}
