import { createChat } from '../../shared/chat/chat.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { queue } from '../../shared/lambda/queue.ts';
import { connectManagers, MANAGERS_VARIABLES } from '../../shared/managers/managers.ts';
import { createShow } from '../../shared/managers/show.ts';
import { createSecretBox } from '../../shared/secrets.ts';
import { createAlert } from '../../shared/telegram/alert.ts';
import { createBot } from '../../shared/telegram/bot.ts';
import { TelegramMessage } from '../../shared/telegram/messages.ts';
import { createNotifier } from '../../shared/telegram/notify.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'ENCRYPTION_KEY', 'OPERATOR_CHAT_ID', 'PUBLIC_URL'] as const),
  ...MANAGERS_VARIABLES,
]);
const chat = createChat(connect(env.DATABASE_URL), env);
const show = createShow(connectManagers(env, chat));
const notify = createNotifier({
  db: chat.db,
  secrets: createSecretBox(env.ENCRYPTION_KEY),
  bot: (token) => createBot(token, env.TELEGRAM_API_URL),
  operatorToken: env.TELEGRAM_BOT_TOKEN,
  alert: createAlert(chat.telegram, env.OPERATOR_CHAT_ID),
  publicUrl: env.PUBLIC_URL,
});
const handle = async (message: TelegramMessage) =>
  message.kind === 'call' || message.kind === 'text' ? notify(message) : show(message);
export const handler = queue({ queue: chat.telegram, schema: TelegramMessage, handle });
