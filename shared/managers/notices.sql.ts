import * as z from 'zod';

import type { Pool } from '../db.ts';

export const ButtonRows = z.array(
  z.array(z.object({ text: z.string(), callbackData: z.string() })),
);
export type ButtonRows = z.output<typeof ButtonRows>;

export type NewNotice = {
  /** What it follows from: the same source is the same notice. */
  source: string;
  telegramId: string;
  text: string;
  buttons?: ButtonRows | undefined;
  /** The chat that a reply to it addresses. */
  chatId?: string | undefined;
};

/** Owes a text to somebody's Telegram; undefined when it is owed already. */
export async function oweNotice(db: Pool, notice: NewNotice): Promise<string | undefined> {
  const { source, telegramId, text, buttons = [], chatId = null } = notice;
  const [row] = await db`
    insert into manager_notices (source, telegram_id, chat_id, text, buttons)
    values (${source}, ${telegramId}, ${chatId}, ${text}, ${db.json(buttons)})
    on conflict (source) do nothing
    returning id`;
  return row && z.object({ id: z.string() }).parse(row).id;
}

const Notice = z.object({
  telegramId: z.string(),
  text: z.string(),
  buttons: ButtonRows,
  attempts: z.number(),
});

/** The notice while it is owed. */
export async function loadNotice(db: Pool, id: string) {
  const [row] = await db`
    select telegram_id, text, buttons, attempts
    from manager_notices
    where id = ${id} and telegram_message is null and given_up_at is null`;
  return row && Notice.parse(row);
}

export async function saveNotice(db: Pool, id: string, messageId: number): Promise<void> {
  await db`
    update manager_notices
    set telegram_message = ${messageId}
    where id = ${id}`;
}

export async function countNoticeTry(db: Pool, id: string, givesUp: boolean): Promise<void> {
  await db`
    update manager_notices
    set attempts = attempts + 1, given_up_at = case when ${givesUp} then now() end
    where id = ${id}`;
}
