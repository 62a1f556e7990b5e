import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { statusRoutes } from '../../shared/operations/status.routes.ts';
import { createQueue } from '../../shared/queue.ts';
import { reachStore } from '../../shared/recordings/reach-store.ts';
import { STORE_ENV, storeSettings } from '../../shared/recordings/sign.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'CALLS_QUEUE_URL', 'SQS_ENDPOINT'] as const),
  ...(['ASTERISK_SSH_PORT', 'ASTERISK_SSH_USER'] as const),
  ...STORE_ENV,
]);
const db = connect(env.DATABASE_URL);
const store = storeSettings(env);
const calls = createQueue(env.CALLS_QUEUE_URL, { endpoint: env.SQS_ENDPOINT });

export const routes = statusRoutes({
  db,
  parts: {
    database: () => db`select 1`,
    queues: () => calls.deadLetters(),
    ...(store.accessKey && { storage: () => reachStore(store) }),
  },
  asterisk: env,
});
export const handler = http(routes);
