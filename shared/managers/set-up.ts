import type { TelegramBot } from '../telegram/bot.ts';
import { ALLOWED_UPDATES } from './update.schema.ts';
import { COMMANDS } from './words.ts';

/** Where Telegram is to bring what managers write. */
export const webhookUrl = (publicUrl: string): string =>
  `${publicUrl.replace(/\/+$/, '')}/telegram/webhook`;

/** Sets the commands and the webhook of the managers' bot, and reads back where its updates go. */
export async function setUpManagersBot(
  bot: Pick<TelegramBot, 'setUp' | 'webhookInfo'>,
  { publicUrl, secret }: { publicUrl: string; secret: string },
): Promise<{ url: string; pending: number }> {
  const webhook = { url: webhookUrl(publicUrl), secret, allowedUpdates: ALLOWED_UPDATES };
  await bot.setUp({ commands: COMMANDS, webhook });
  const { url: standing, pending_update_count: pending } = await bot.webhookInfo();
  return { url: standing, pending };
}
