import { adminOrigins } from '../../shared/auth/admin-origins.ts';
import { createGate } from '../../shared/auth/gate.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { hostingRoutes } from '../../shared/hosting/hosting.routes.ts';
import { createOperatorNews } from '../../shared/hosting/operators.ts';
import { http } from '../../shared/lambda/http.ts';
import { createQueue } from '../../shared/queue.ts';
import { connectTimeweb } from '../../shared/timeweb/client.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'PUBLIC_URL', 'ADMIN_ORIGIN', 'TIMEWEB_API_URL'] as const),
  ...(['TIMEWEB_API_TOKEN', 'TELEGRAM_QUEUE_URL', 'SQS_ENDPOINT', 'OPERATOR_CHAT_ID'] as const),
]);
const db = connect(env.DATABASE_URL, { max: 2 });
const telegram = createQueue(env.TELEGRAM_QUEUE_URL, { endpoint: env.SQS_ENDPOINT });
const { tellChanges } = createOperatorNews({ db, telegram, operatorChatId: env.OPERATOR_CHAT_ID });
const timeweb = connectTimeweb(env);

export const routes = hostingRoutes({ db, timeweb, tellChanges });
export const handler = http(routes, createGate({ db, adminOrigins: adminOrigins(env) }));
