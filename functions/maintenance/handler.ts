import { createClearUploads } from '../../shared/chat/unsent-uploads.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { schedule } from '../../shared/lambda/schedule.ts';
import { maintain } from '../../shared/operations/maintain.ts';
import { STORE_ENV, storeSettings } from '../../shared/recordings/sign.ts';
import { createStore } from '../../shared/recordings/store.ts';

const env = readEnv(['DATABASE_URL', ...STORE_ENV]);
const db = connect(env.DATABASE_URL);
const clearUploads = createClearUploads({ db, store: createStore(storeSettings(env)) });

export const handler = schedule(db, 'maintenance', async () => ({
  ...(await maintain(db)),
  ...(await clearUploads()),
}));
