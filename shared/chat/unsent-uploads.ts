import type { Pool } from '../db.ts';
import { report } from '../lambda/report.ts';
import type { Counts } from '../lambda/schedule.ts';
import { DELETE_BATCH, type Store } from '../recordings/store.ts';
import { deleteUnsent, listUnsent } from './attachments.sql.ts';

/** An upload is good for minutes; whoever has not said his file after a day has changed his mind. */
const UNSENT_AFTER = '1 day';

/**
 * Files that were uploaded, or were to be, and never said: the object goes before its row, so that what the storage
 * does not give up now is found the next day.
 */
export function createClearUploads({ db, store }: { db: Pool; store: Pick<Store, 'deleteMany'> }) {
  return async function clearUploads(): Promise<Counts> {
    let cleared = 0;
    for (;;) {
      const unsent = await listUnsent(db, UNSENT_AFTER, DELETE_BATCH);
      const kept = new Set<string>();
      for (const { key, problem } of await store.deleteMany(unsent.map((each) => each.objectKey))) {
        kept.add(key);
        await report('an unsent upload stays in the storage', new Error(problem));
      }
      const gone = unsent.filter(({ objectKey }) => !kept.has(objectKey)).map(({ id }) => id);
      cleared += await deleteUnsent(db, gone);
      if (unsent.length < DELETE_BATCH || kept.size > 0) return { unsentUploads: cleared };
    }
  };
}
