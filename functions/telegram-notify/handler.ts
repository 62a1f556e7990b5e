import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { ComeBackLater } from '../../shared/errors.ts';
import { queue } from '../../shared/lambda/queue.ts';
import { createQueue } from '../../shared/queue.ts';
import { createSecretBox } from '../../shared/secrets.ts';
import { createAlert } from '../../shared/telegram/alert.ts';
import { createBot } from '../../shared/telegram/bot.ts';
import { TelegramMessage } from '../../shared/telegram/messages.ts';
import { createNotifier } from '../../shared/telegram/notify.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'ENCRYPTION_KEY', 'TELEGRAM_QUEUE_URL', 'SQS_ENDPOINT'] as const),
  ...(['TELEGRAM_API_URL', 'TELEGRAM_BOT_TOKEN', 'OPERATOR_CHAT_ID'] as const),
  'PUBLIC_URL',
]);
const telegram = createQueue(env.TELEGRAM_QUEUE_URL, { endpoint: env.SQS_ENDPOINT });
const notify = createNotifier({
  db: connect(env.DATABASE_URL),
  secrets: createSecretBox(env.ENCRYPTION_KEY),
  bot: (token) => createBot(token, env.TELEGRAM_API_URL),
  operatorToken: env.TELEGRAM_BOT_TOKEN,
  alert: createAlert(telegram, env.OPERATOR_CHAT_ID),
  publicUrl: env.PUBLIC_URL,
});

export const handler = queue({
  queue: telegram,
  schema: TelegramMessage,
  handle: async (message) => {
    if (message.kind === 'call' || message.kind === 'text') return notify(message);
    throw new ComeBackLater(60, 'nobody shows chats to managers yet');
  },
});
