// npm run telegram:setup
// Tells Telegram the commands of the managers' bot, and where its updates go.
import { readEnv } from '../shared/env.ts';
import { setUpManagersBot } from '../shared/managers/set-up.ts';
import { createBot } from '../shared/telegram/bot.ts';
import { joinLocalStack } from './local/join-stack.ts';
import { reason } from './local/plain-error.ts';

joinLocalStack();
try {
  const env = readEnv([
    'PUBLIC_URL',
    'TELEGRAM_API_URL',
    'TELEGRAM_BOT_TOKEN',
    'TELEGRAM_WEBHOOK_SECRET',
  ]);
  const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_WEBHOOK_SECRET: secret } = env;
  if (token === undefined) throw new Error('TELEGRAM_BOT_TOKEN is not set');
  if (secret === undefined) throw new Error('TELEGRAM_WEBHOOK_SECRET is not set');
  const bot = createBot(token, env.TELEGRAM_API_URL);
  const { url, pending } = await setUpManagersBot(bot, { publicUrl: env.PUBLIC_URL, secret });
  console.log(`✅ commands are set; updates go to ${url} (${pending} waiting)`);
} catch (error) {
  console.error(`❌ ${reason(error)}`);
  process.exitCode = 1;
}
