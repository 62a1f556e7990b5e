import { CHAT_VARIABLES, createChat } from '../../shared/chat/chat.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { log } from '../../shared/lambda/log.ts';
import { queue } from '../../shared/lambda/queue.ts';
import { botIdOf, createManagers } from '../../shared/managers/managers.ts';
import { createShow } from '../../shared/managers/show.ts';
import { createSecretBox } from '../../shared/secrets.ts';
import { createAlert } from '../../shared/telegram/alert.ts';
import { createBot } from '../../shared/telegram/bot.ts';
import { TelegramMessage } from '../../shared/telegram/messages.ts';
import { createNotifier } from '../../shared/telegram/notify.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'ENCRYPTION_KEY', 'MANAGER_IDS', 'ADMIN_IDS'] as const),
  ...(['TELEGRAM_API_URL', 'TELEGRAM_BOT_TOKEN', 'OPERATOR_CHAT_ID'] as const),
  'PUBLIC_URL',
  ...CHAT_VARIABLES,
]);
const db = connect(env.DATABASE_URL);
const bot = (token: string) => createBot(token, env.TELEGRAM_API_URL);
const { TELEGRAM_BOT_TOKEN: token, ...rest } = env;
const chat = createChat(db, env);
const alert = createAlert(chat.telegram, env.OPERATOR_CHAT_ID);
const secrets = createSecretBox(env.ENCRYPTION_KEY);
const publicUrl = env.PUBLIC_URL;
const notify = createNotifier({ db, secrets, bot, operatorToken: token, alert, publicUrl });
const ids = { managerIds: env.MANAGER_IDS, adminIds: env.ADMIN_IDS };
const show =
  token &&
  createShow(
    createManagers({ ...chat, ...ids, bot: bot(token), botId: botIdOf(token), store: rest }),
  );

export const handler = queue({
  queue: chat.telegram,
  schema: TelegramMessage,
  handle: async (message) => {
    if (message.kind === 'call' || message.kind === 'text') return notify(message);
    if (show) return show(message);
    log.warn('managers cannot be told: TELEGRAM_BOT_TOKEN is not set');
  },
});
