import { createBoxCheck } from '../../shared/asterisk/check-boxes.ts';
import { BOX_VARIABLES, reachBoxes } from '../../shared/asterisk/reach.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { schedule } from '../../shared/lambda/schedule.ts';
import { createQueue } from '../../shared/queue.ts';
import { createAlert } from '../../shared/telegram/alert.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'TELEGRAM_QUEUE_URL', 'SQS_ENDPOINT', 'OPERATOR_CHAT_ID'] as const),
  ...BOX_VARIABLES,
]);
const db = connect(env.DATABASE_URL, { max: 2 });
const telegram = createQueue(env.TELEGRAM_QUEUE_URL, { endpoint: env.SQS_ENDPOINT });
const alert = createAlert(telegram, env.OPERATOR_CHAT_ID);

export const handler = schedule(
  db,
  'asterisk-check',
  createBoxCheck({ db, ...reachBoxes(db, env), alert }),
);
