import { BOX_VARIABLES, reachBoxes } from '../../shared/asterisk/reach.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { webhookRoutes } from '../../shared/managers/webhook.routes.ts';
import { createOriginate } from '../../shared/originates/originate.ts';
import { createQueue } from '../../shared/queue.ts';
import { createSecretBox } from '../../shared/secrets.ts';
import { createBot } from '../../shared/telegram/bot.ts';
import { pressRoutes } from '../../shared/telegram/press.routes.ts';
import { createPress } from '../../shared/telegram/press.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'TELEGRAM_API_URL', 'TELEGRAM_WEBHOOK_SECRET'] as const),
  ...(['TELEGRAM_UPDATES_QUEUE_URL', 'SQS_ENDPOINT'] as const),
  ...BOX_VARIABLES,
]);
const db = connect(env.DATABASE_URL);
const webhookSecret = env.TELEGRAM_WEBHOOK_SECRET;
const updates = createQueue(env.TELEGRAM_UPDATES_QUEUE_URL, { endpoint: env.SQS_ENDPOINT });
const secrets = createSecretBox(env.ENCRYPTION_KEY);
const bot = (token: string) => createBot(token, env.TELEGRAM_API_URL);
const originate = createOriginate({ db, ...reachBoxes(db, env) });
const press = createPress({ db, secrets, bot, originate });

export const routes = [
  ...webhookRoutes({ db, updates, webhookSecret }),
  ...pressRoutes({ press, webhookSecret }),
];
export const handler = http(routes);
