import { CallsMessage } from '../../shared/calls/messages.ts';
import { createTracker } from '../../shared/calls/tracker.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { queue } from '../../shared/lambda/queue.ts';
import { createQueue } from '../../shared/queue.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'SQS_ENDPOINT', 'CALLS_QUEUE_URL'] as const),
  ...(['CRM_QUEUE_URL', 'TELEGRAM_QUEUE_URL', 'LIVE_QUEUE_URL'] as const),
  ...(['RECORDINGS_QUEUE_URL', 'REDIRECT_QUEUE_URL'] as const),
]);
const endpoint = env.SQS_ENDPOINT;
const tracker = createTracker({
  db: connect(env.DATABASE_URL, { max: 2, plansOnce: true, lockTimeoutMs: 4_000 }),
  crm: createQueue(env.CRM_QUEUE_URL, { endpoint }),
  telegram: createQueue(env.TELEGRAM_QUEUE_URL, { endpoint }),
  live: createQueue(env.LIVE_QUEUE_URL, { endpoint }),
  recordings: createQueue(env.RECORDINGS_QUEUE_URL, { endpoint }),
  redirects: createQueue(env.REDIRECT_QUEUE_URL, { endpoint }),
});

export const handler = queue({
  queue: createQueue(env.CALLS_QUEUE_URL, { endpoint }),
  schema: CallsMessage,
  handle: (message) => tracker.track(message),
});
