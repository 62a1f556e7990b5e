import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import type { SecretBox } from '../secrets.ts';
import type { TelegramBot } from './bot.ts';
import { loadTelegramOf, resumeTelegram } from './notify.sql.ts';

type Dependencies = { db: Pool; secrets: SecretBox; bot: (token: string) => TelegramBot };

/**
 * Tries the stored bot in the stored chat. When it may write there, and messages were paused, they go on; the calls of
 * the pause are not told of any more.
 * @throws AppError 404 no such enterprise, 422 it has no bot or no chat
 */
export function createTelegramReconnect({ db, secrets, bot }: Dependencies) {
  return async function reconnect(
    enterpriseNumber: string,
  ): Promise<{ problem: string | null; resumed: boolean }> {
    const stored = await loadTelegramOf(db, enterpriseNumber);
    if (!stored) throw new AppError('not_found', `No enterprise ${enterpriseNumber}`);
    if (!stored.botToken || !stored.chatId)
      throw new AppError('unprocessable', `${enterpriseNumber} has no Telegram bot or no chat`);
    const outcome = await bot(secrets.open(stored.botToken)).check(stored.chatId);
    if ('problem' in outcome) return { problem: outcome.problem, resumed: false };
    if (outcome.kind === 'moved')
      return { problem: `The group is now ${outcome.chatId}`, resumed: false };
    return { problem: null, resumed: await resumeTelegram(db, enterpriseNumber) };
  };
}
