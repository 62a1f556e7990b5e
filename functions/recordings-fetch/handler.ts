import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { queue } from '../../shared/lambda/queue.ts';
import { createQueue } from '../../shared/queue.ts';
import { createFetch } from '../../shared/recordings/fetch.ts';
import { RecordingsMessage } from '../../shared/recordings/messages.ts';
import { STORE_ENV } from '../../shared/recordings/sign.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'ENCRYPTION_KEY', 'SQS_ENDPOINT', 'RECORDINGS_QUEUE_URL'] as const),
  ...(['CRM_QUEUE_URL', 'TELEGRAM_QUEUE_URL', 'LIVE_QUEUE_URL'] as const),
  ...(['ASTERISK_SSH_PORT', 'ASTERISK_SSH_USER'] as const),
  ...(['ASTERISK_SSH_PASSWORD', 'ASTERISK_SSH_KEY'] as const),
  ...STORE_ENV,
]);
const endpoint = env.SQS_ENDPOINT;
const fetchRecordings = createFetch({
  env,
  db: connect(env.DATABASE_URL, { max: 2 }),
  crm: createQueue(env.CRM_QUEUE_URL, { endpoint }),
  telegram: createQueue(env.TELEGRAM_QUEUE_URL, { endpoint }),
  live: createQueue(env.LIVE_QUEUE_URL, { endpoint }),
});

export const handler = queue({
  queue: createQueue(env.RECORDINGS_QUEUE_URL, { endpoint }),
  schema: RecordingsMessage,
  handle: fetchRecordings,
});
