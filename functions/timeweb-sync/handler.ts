import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { createOperatorNews } from '../../shared/hosting/operators.ts';
import { createTimewebSync } from '../../shared/hosting/timeweb-sync.ts';
import { schedule } from '../../shared/lambda/schedule.ts';
import { createQueue } from '../../shared/queue.ts';
import { connectTimeweb } from '../../shared/timeweb/client.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'TELEGRAM_QUEUE_URL', 'SQS_ENDPOINT', 'OPERATOR_CHAT_ID'] as const),
  ...(['TIMEWEB_API_URL', 'TIMEWEB_API_TOKEN'] as const),
]);
const db = connect(env.DATABASE_URL);
const telegram = createQueue(env.TELEGRAM_QUEUE_URL, { endpoint: env.SQS_ENDPOINT });
const news = createOperatorNews({ db, telegram, operatorChatId: env.OPERATOR_CHAT_ID });
const timeweb = connectTimeweb(env, { budgetMs: 45_000 });

export const handler = schedule(db, 'timeweb-sync', createTimewebSync({ db, timeweb, news }));
