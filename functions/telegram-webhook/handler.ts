import { BOX_VARIABLES, reachBoxes } from '../../shared/asterisk/reach.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { createOriginate } from '../../shared/originates/originate.ts';
import { createSecretBox } from '../../shared/secrets.ts';
import { createBot } from '../../shared/telegram/bot.ts';
import { pressRoutes } from '../../shared/telegram/press.routes.ts';
import { createPress } from '../../shared/telegram/press.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'TELEGRAM_API_URL', 'TELEGRAM_WEBHOOK_SECRET'] as const),
  ...BOX_VARIABLES,
]);
const db = connect(env.DATABASE_URL);
const press = createPress({
  db,
  secrets: createSecretBox(env.ENCRYPTION_KEY),
  bot: (token) => createBot(token, env.TELEGRAM_API_URL),
  originate: createOriginate({ db, ...reachBoxes(db, env) }),
});

export const routes = pressRoutes({ press, webhookSecret: env.TELEGRAM_WEBHOOK_SECRET });
export const handler = http(routes);
