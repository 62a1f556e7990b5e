import * as z from 'zod';

import type { Pool } from '../db.ts';
import { BotUpdate } from './update.schema.ts';

/** The managers' bot among the bots whose updates are kept; the others are enterprises' numbers. */
const BOT = 'managers';

/** Keeps an update to be worked in. False when it has come before. */
export async function storeUpdate(db: Pool, update: BotUpdate, chat: string): Promise<boolean> {
  const { count } = await db`
    insert into telegram_updates (bot, update_id, chat, payload)
    values (${BOT}, ${update.update_id}, ${chat}, ${db.json(JSON.parse(JSON.stringify(update)))})
    on conflict do nothing`;
  return count > 0;
}

/** The update while it waits; undefined when it has been worked in. */
export async function loadUpdate(db: Pool, updateId: number): Promise<BotUpdate | undefined> {
  const [row] = await db`
    select payload
    from telegram_updates
    where bot = ${BOT} and update_id = ${updateId} and payload is not null and failed_at is null`;
  return row && z.object({ payload: BotUpdate }).parse(row).payload;
}

/** What it said is not kept. */
export async function finishUpdate(db: Pool, updateId: number): Promise<void> {
  await db`
    update telegram_updates
    set processed_at = now(), payload = null
    where bot = ${BOT} and update_id = ${updateId}`;
}

export async function failUpdate(db: Pool, updateId: number): Promise<void> {
  await db`
    update telegram_updates
    set failed_at = now()
    where bot = ${BOT} and update_id = ${updateId}`;
}

/** Updates that should be done by now: their message was lost, or somebody died of it. */
export async function listWaitingUpdates(
  db: Pool,
  limit: number,
): Promise<{ updateId: number; chat: string }[]> {
  const rows = await db`
    select update_id, chat
    from telegram_updates
    where bot = ${BOT}
      and payload is not null
      and failed_at is null
      and received_at < now() - interval '1 minute'
    order by update_id
    limit ${limit}`;
  return z
    .object({ updateId: z.coerce.number(), chat: z.string() })
    .array()
    .parse([...rows]);
}
