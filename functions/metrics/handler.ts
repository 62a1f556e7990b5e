import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { metricsRoutes } from '../../shared/operations/metrics.routes.ts';
import { QUEUE_VARIABLES, watchQueues } from '../../shared/watched-queue.ts';

const env = readEnv(['DATABASE_URL', 'METRICS_TOKEN', ...QUEUE_VARIABLES]);

export const routes = metricsRoutes({
  db: connect(env.DATABASE_URL),
  queues: watchQueues(env),
  token: env.METRICS_TOKEN,
});
export const handler = http(routes);
