import { callEventRoutes } from '../../shared/calls/intake.routes.ts';
import { createIntake } from '../../shared/calls/intake.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { createQueue } from '../../shared/queue.ts';

const env = readEnv(['DATABASE_URL', 'CALLS_QUEUE_URL', 'SQS_ENDPOINT']);
const db = connect(env.DATABASE_URL, { arrays: false });
// The box waits for us: an unwell queue may cost it a second, not more, and the sweeper does the rest.
const calls = createQueue(env.CALLS_QUEUE_URL, {
  endpoint: env.SQS_ENDPOINT,
  timeoutMs: 500,
  maxAttempts: 1,
});

export const routes = callEventRoutes(createIntake({ db, calls }));
export const handler = http(routes);
