import type { Db } from '../db.ts';
import { emptyBucket, returnToken, takeToken } from '../rate-buckets.sql.ts';

/**
 * How urgent a message is. When a chat's or the bot's budget is short the end of a call comes first, then new calls;
 * changes of living calls wait for better times.
 */
export type Urgency = 'end' | 'first' | 'change';

const RESERVE: Record<Urgency, number> = { end: 0, first: 1, change: 2 };

// Telegram allows a group 20 a minute, a private chat 1 a second, a bot 30 a second over all; edits count.
// Burst plus one period's refill stays within the window.
const GROUP = { perSecond: 15 / 60, burst: 5 };
const PRIVATE = { perSecond: 0.9, burst: 3 };
const WHOLE_BOT = { perSecond: 20, burst: 10 };

/** Whose budget, and when; without a time the database's clock counts. */
export type BudgetOf = { botId: string; chatId: string; at?: Date | undefined };

/** 0 when the message may go now, else the seconds to wait. */
export async function takeBudget(
  db: Db,
  { botId, chatId, at }: BudgetOf,
  urgency: Urgency,
): Promise<number> {
  const reserve = RESERVE[urgency];
  const chat = chatRule(botId, chatId);
  const chatWait = await takeToken(db, { ...chat, reserve, at });
  if (chatWait > 0) return chatWait;
  const botWait = await takeToken(db, { key: `telegram:${botId}`, ...WHOLE_BOT, reserve, at });
  if (botWait > 0) await returnToken(db, chat);
  return botWait;
}

/** Telegram named the time itself. */
export async function pauseChat(
  db: Db,
  { botId, chatId, at }: BudgetOf,
  seconds: number,
): Promise<void> {
  await emptyBucket(db, { ...chatRule(botId, chatId), at }, seconds);
}

function chatRule(botId: string, chatId: string) {
  return { key: `telegram:${botId}:${chatId}`, ...(chatId.startsWith('-') ? GROUP : PRIVATE) };
}
