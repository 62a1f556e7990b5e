import * as z from 'zod';

import type { Db, Pool } from '../db.ts';

/** False when this update has come before. */
export async function keepUpdate(db: Db, bot: string, updateId: number): Promise<boolean> {
  const rows = await db`
    insert into telegram_updates (bot, update_id)
    values (${bot}, ${updateId})
    on conflict do nothing
    returning 1`;
  return rows.length > 0;
}

const Pressed = z.object({
  botToken: z.string(),
  phone: z.string().nullable(),
  rang: z.array(z.string()),
  extensions: z.array(z.string()),
  own: z.string().nullable(),
});

/** What a press is about, when the chat is the enterprise's and the call is too. */
export async function findPressed(
  db: Db,
  press: { enterpriseNumber: string; chatId: number; callId: string; telegramId: number },
): Promise<z.output<typeof Pressed> | undefined> {
  const { enterpriseNumber, chatId, callId, telegramId } = press;
  const [row] = await db`
    select
      enterprises.bot_token, calls.phone, calls.rang,
      array(
        select extension
        from extensions
        where extensions.enterprise_number = enterprises.number
        order by extension
      ) as extensions,
      (
        select min(extension)
        from extensions
        where extensions.enterprise_number = enterprises.number
          and extensions.telegram_id = ${telegramId}
      ) as own
    from enterprises
    join calls on calls.enterprise_number = enterprises.number
    where enterprises.number = ${enterpriseNumber}
      and enterprises.active
      and enterprises.chat_id = ${String(chatId)}
      and enterprises.bot_token is not null
      and calls.id = ${callId}::uuid`;
  return row && Pressed.parse(row);
}

/** Remembers whose phone an extension is: one person, one extension. */
export async function bindExtension(
  db: Pool,
  enterpriseNumber: string,
  { extension, telegramId }: { extension: string; telegramId: number },
): Promise<void> {
  await db.begin(async (tx) => {
    await tx`
      update extensions
      set telegram_id = null
      where enterprise_number = ${enterpriseNumber}
        and telegram_id = ${telegramId}`;
    await tx`
      insert into extensions (enterprise_number, extension, telegram_id)
      values (${enterpriseNumber}, ${extension}, ${telegramId})
      on conflict (enterprise_number, extension) do update
      set telegram_id = excluded.telegram_id`;
  });
}
