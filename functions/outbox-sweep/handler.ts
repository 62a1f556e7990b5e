import { createCallExport } from '../../shared/calls/call-export.ts';
import { createTracker } from '../../shared/calls/tracker.ts';
import { createAskAgain } from '../../shared/chat/ask-again.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { integrationChores } from '../../shared/integrations/chores.ts';
import { schedule } from '../../shared/lambda/schedule.ts';
import { createRedrive } from '../../shared/operations/redrive.ts';
import { createSweep } from '../../shared/operations/sweep.ts';
import { createQueue } from '../../shared/queue.ts';
import { createPartUploads } from '../../shared/recordings/part-uploads.ts';
import { STORE_ENV, storeSettings } from '../../shared/recordings/sign.ts';
import { createAlert } from '../../shared/telegram/alert.ts';
import { watchQueues } from '../../shared/watched-queue.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'SQS_ENDPOINT', 'OPERATOR_CHAT_ID', 'CALLS_QUEUE_URL'] as const),
  ...(['CRM_QUEUE_URL', 'TELEGRAM_QUEUE_URL', 'LIVE_QUEUE_URL'] as const),
  ...(['RECORDINGS_QUEUE_URL', 'REDIRECT_QUEUE_URL', 'CHAT_AI_QUEUE_URL'] as const),
  'TELEGRAM_UPDATES_QUEUE_URL',
  ...STORE_ENV,
]);
const endpoint = env.SQS_ENDPOINT;
const db = connect(env.DATABASE_URL);
const calls = createQueue(env.CALLS_QUEUE_URL, { endpoint });
const crm = createQueue(env.CRM_QUEUE_URL, { endpoint });
const telegram = createQueue(env.TELEGRAM_QUEUE_URL, { endpoint });
const live = createQueue(env.LIVE_QUEUE_URL, { endpoint });
const redirect = createQueue(env.REDIRECT_QUEUE_URL, { endpoint });
const alert = createAlert(telegram, env.OPERATOR_CHAT_ID);
const uploads = createPartUploads(storeSettings(env));
const kinds = {
  ...createRedrive({ db, queues: watchQueues(env) }).kind,
  ...createCallExport({ db, uploads }).kind,
};
const queues = { calls, crm, telegram, live, redirect };
const chores = integrationChores({ db, crm, alert, queues, kinds });
const recordings = createQueue(env.RECORDINGS_QUEUE_URL, { endpoint });
const tracker = createTracker({ db, crm, telegram, live, recordings });
const review = (callId: string) => tracker.review(callId);
const ai = createQueue(env.CHAT_AI_QUEUE_URL, { endpoint });
chores.push(createAskAgain({ db, ai }));
const sweep = createSweep({ db, calls, crm, telegram, review, chores });
export const handler = schedule(db, 'outbox-sweep', sweep);
