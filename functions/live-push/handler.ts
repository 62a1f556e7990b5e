import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { queue } from '../../shared/lambda/queue.ts';
import { LiveMessage } from '../../shared/live/messages.ts';
import { createPush } from '../../shared/live/push.ts';
import { createSockets } from '../../shared/live/sockets.ts';
import { createQueue } from '../../shared/queue.ts';

const env = readEnv(['DATABASE_URL', 'LIVE_QUEUE_URL', 'SQS_ENDPOINT', 'WEBSOCKET_ENDPOINT']);
const push = createPush({
  db: connect(env.DATABASE_URL),
  sockets: createSockets(env.WEBSOCKET_ENDPOINT),
});

export const handler = queue({
  queue: createQueue(env.LIVE_QUEUE_URL, { endpoint: env.SQS_ENDPOINT }),
  schema: LiveMessage,
  handle: push,
});
