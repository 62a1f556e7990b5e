import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { metricsRoutes } from '../../shared/operations/metrics.routes.ts';
import { watchQueues } from '../../shared/watched-queue.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'METRICS_TOKEN', 'SQS_ENDPOINT'] as const),
  ...(['CALLS_QUEUE_URL', 'CRM_QUEUE_URL', 'TELEGRAM_QUEUE_URL'] as const),
  ...(['LIVE_QUEUE_URL', 'RECORDINGS_QUEUE_URL', 'REDIRECT_QUEUE_URL'] as const),
  ...(['CHAT_AI_QUEUE_URL', 'TELEGRAM_UPDATES_QUEUE_URL'] as const),
]);

export const routes = metricsRoutes({
  db: connect(env.DATABASE_URL),
  queues: watchQueues(env),
  token: env.METRICS_TOKEN,
});
export const handler = http(routes);
