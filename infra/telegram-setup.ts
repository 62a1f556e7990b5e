// npm run telegram:setup
// Tells Telegram the commands of the managers' bot, and where its updates go.
import { readEnv } from '../shared/env.ts';
import { setUpManagersBot, webhookUrl } from '../shared/managers/set-up.ts';
import { createBot } from '../shared/telegram/bot.ts';
import { readArguments, runCommand } from './arguments.ts';
import { joinLocalStack } from './local/join-stack.ts';

const HELP = `Usage: npm run telegram:setup -- [--dry-run]

Sets the commands of the managers' bot (TELEGRAM_BOT_TOKEN) and its webhook (PUBLIC_URL/telegram/webhook, with
TELEGRAM_WEBHOOK_SECRET), and reads back what Telegram has. A bot has one webhook: what had it before hears no more.
Without TELEGRAM_BOT_TOKEN it is the local stack of this folder. May be run again at any time.

  --dry-run  says where updates go now, and where they would; changes nothing

Exit code: 0 done, 1 something went wrong, 2 wrong usage.`;

await runCommand(run);

async function run(): Promise<number> {
  const given = readArguments(HELP, {
    options: { 'dry-run': { type: 'boolean', default: false } },
  });
  if (typeof given === 'number') return given;
  if (!process.env['TELEGRAM_BOT_TOKEN']) joinLocalStack();
  const env = readEnv([
    'PUBLIC_URL',
    'TELEGRAM_API_URL',
    'TELEGRAM_BOT_TOKEN',
    'TELEGRAM_WEBHOOK_SECRET',
  ]);
  const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_WEBHOOK_SECRET: secret, PUBLIC_URL: publicUrl } = env;
  if (token === undefined) throw new Error('TELEGRAM_BOT_TOKEN is not set');
  if (secret === undefined) throw new Error('TELEGRAM_WEBHOOK_SECRET is not set');
  const bot = createBot(token, env.TELEGRAM_API_URL);
  if (given.values['dry-run']) {
    const { url, pending_update_count: pending } = await bot.webhookInfo();
    console.log(`Updates go to ${url || 'nobody'} now (${pending} waiting).`);
    console.log(`They would go to ${webhookUrl(publicUrl)}.`);
    return 0;
  }
  const { url, pending } = await setUpManagersBot(bot, { publicUrl, secret });
  console.log(`✅ commands are set; updates go to ${url} (${pending} waiting)`);
  return 0;
}
