import { createTracker } from '../../shared/calls/tracker.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { schedule } from '../../shared/lambda/schedule.ts';
import { createQueue } from '../../shared/queue.ts';
import { createLateCalls } from '../../shared/recordings/late-calls.ts';
import { createSync } from '../../shared/recordings/sync.ts';
import { createTying } from '../../shared/recordings/tie.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'SQS_ENDPOINT', 'RECORDINGS_QUEUE_URL'] as const),
  ...(['CRM_QUEUE_URL', 'TELEGRAM_QUEUE_URL', 'LIVE_QUEUE_URL'] as const),
]);
const endpoint = env.SQS_ENDPOINT;
const db = connect(env.DATABASE_URL, { max: 2 });
const crm = createQueue(env.CRM_QUEUE_URL, { endpoint });
const telegram = createQueue(env.TELEGRAM_QUEUE_URL, { endpoint });
const live = createQueue(env.LIVE_QUEUE_URL, { endpoint });
const recordings = createQueue(env.RECORDINGS_QUEUE_URL, { endpoint });
const lateCalls = createLateCalls({ db, tracker: createTracker({ db, crm, telegram, live }) });

const sync = createSync({ db, recordings, lateCalls, tie: createTying({ db, crm }) });
export const handler = schedule(db, 'recordings-sync', sync);
