import { createCallExport } from '../calls/call-export.ts';
import { createTracker } from '../calls/tracker.ts';
import { createAskAgain } from '../chat/ask-again.ts';
import type { Pool } from '../db.ts';
import { integrationChores } from '../integrations/chores.ts';
import { createQueue } from '../queue.ts';
import { createPartUploads } from '../recordings/part-uploads.ts';
import { storeSettings } from '../recordings/sign.ts';
import { createAlert } from '../telegram/alert.ts';
import { type QUEUE_VARIABLES, watchQueues } from '../watched-queue.ts';
import { createRedrive } from './redrive.ts';
import { createSweep } from './sweep.ts';

type QueueUrl = Exclude<(typeof QUEUE_VARIABLES)[number], 'SQS_ENDPOINT'>;
type SweeperEnv = Record<QueueUrl, string> &
  Record<'SQS_ENDPOINT' | 'OPERATOR_CHAT_ID', string | undefined> &
  Parameters<typeof storeSettings>[0];

/** What is done every minute, put together. */
export function createSweeper(db: Pool, env: SweeperEnv) {
  const queueAt = (url: string) => createQueue(url, { endpoint: env.SQS_ENDPOINT });
  const calls = queueAt(env.CALLS_QUEUE_URL);
  const crm = queueAt(env.CRM_QUEUE_URL);
  const telegram = queueAt(env.TELEGRAM_QUEUE_URL);
  const live = queueAt(env.LIVE_QUEUE_URL);
  const redirect = queueAt(env.REDIRECT_QUEUE_URL);
  const recordings = queueAt(env.RECORDINGS_QUEUE_URL);
  const tracker = createTracker({ db, crm, telegram, live, recordings });
  const chores = integrationChores({
    db,
    crm,
    alert: createAlert(telegram, env.OPERATOR_CHAT_ID),
    queues: { calls, crm, telegram, live, redirect },
    kinds: {
      ...createRedrive({ db, queues: watchQueues(env) }).kind,
      ...createCallExport({ db, uploads: createPartUploads(storeSettings(env)) }).kind,
    },
  });
  chores.push(createAskAgain({ db, ai: queueAt(env.CHAT_AI_QUEUE_URL) }));
  const review = (callId: string) => tracker.review(callId);
  return createSweep({ db, calls, crm, telegram, review, chores });
}
