import { clearExports } from '../../shared/calls/export-files.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { schedule } from '../../shared/lambda/schedule.ts';
import { createCleanup } from '../../shared/recordings/cleanup.ts';
import { createOrphanSearch } from '../../shared/recordings/orphans.ts';
import { STORE_ENV, storeSettings } from '../../shared/recordings/sign.ts';
import { createStore } from '../../shared/recordings/store.ts';

const env = readEnv(['DATABASE_URL', ...STORE_ENV]);
const db = connect(env.DATABASE_URL);
const store = createStore(storeSettings(env));
const orphans = createOrphanSearch({ db, store });
/** Of the function's five minutes: the rest is for what is under way. */
const WORK_MS = 240_000;

export const handler = schedule(db, 'recordings-cleanup', async () => {
  const until = Date.now() + WORK_MS;
  const cleaned = await createCleanup({ db, store, deadline: () => until })();
  const exports = await clearExports(store);
  return { ...cleaned, ...exports, ...(await orphans.nightly()) };
});
