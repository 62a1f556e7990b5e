import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { statusRoutes } from '../../shared/operations/status.routes.ts';
import { createQueue } from '../../shared/queue.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'CALLS_QUEUE_URL', 'SQS_ENDPOINT'] as const),
  ...(['ASTERISK_SSH_PORT', 'ASTERISK_SSH_USER'] as const),
]);
const db = connect(env.DATABASE_URL);
const calls = createQueue(env.CALLS_QUEUE_URL, { endpoint: env.SQS_ENDPOINT });

export const routes = statusRoutes({
  db,
  parts: { database: () => db`select 1`, queues: () => calls.deadLetters() },
  asterisk: env,
});
export const handler = http(routes);
