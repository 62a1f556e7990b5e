import * as z from 'zod';

import type { Db } from '../db.ts';

const AT_ONCE = 200;
/** What is owed for so long has been lost on its way. */
const LOST_AFTER = '40 seconds';
/** What is owed for longer nobody waits for any more. */
const TOO_OLD = '1 day';

const ChatIds = z.object({ chatId: z.string() }).array();

/** Chats that wait and whose next manager is due. */
export async function listDueOffers(db: Db): Promise<string[]> {
  const rows = await db`
    select id as chat_id
    from support_chats
    where state = 'waiting' and escalate_at <= now()
    order by escalate_at
    limit ${AT_ONCE}`;
  return ChatIds.parse([...rows]).map(({ chatId }) => chatId);
}

const Quiet = z.object({ chatId: z.string(), sessionId: z.string(), number: z.string() });

/** Active chats that will be closed in five minutes unless somebody writes; noted, so that nobody is told twice. */
export async function takeQuietChats(db: Db, noticeMinutes: number) {
  const rows = await db`
    update support_chats
    set idle_warned_at = now()
    from chat_settings
    where support_chats.id in (
        select id
        from support_chats
        where state = 'active' and idle_warned_at is null
          and last_activity_at < now() - make_interval(
            mins => (select idle_close_minutes from chat_settings) - ${noticeMinutes}::integer
          )
        limit ${AT_ONCE}
        for update skip locked
      )
    returning support_chats.id as chat_id, support_chats.session_id, support_chats.number`;
  return Quiet.array().parse([...rows]);
}

/** Chats whose five minutes are over. */
export async function listSilentChats(db: Db, noticeMinutes: number): Promise<string[]> {
  const rows = await db`
    select session_id as chat_id
    from support_chats
    where state = 'active'
      and idle_warned_at < now() - make_interval(mins => ${noticeMinutes}::integer)
      and last_activity_at < idle_warned_at
    limit ${AT_ONCE}`;
  return ChatIds.parse([...rows]).map(({ chatId }) => chatId);
}

const OwedToManager = z.object({ id: z.string(), managerId: z.string() });
export type OwedToManager = z.output<typeof OwedToManager>;

export async function listLostCopies(db: Db): Promise<OwedToManager[]> {
  const rows = await db`
    select message_id as id, manager_id
    from chat_copies
    where telegram_message is null and given_up_at is null
      and created_at between now() - ${TOO_OLD}::interval and now() - ${LOST_AFTER}::interval
    order by message_id
    limit ${AT_ONCE}`;
  return OwedToManager.array().parse([...rows]);
}

export async function listLostNotices(db: Db): Promise<OwedToManager[]> {
  const rows = await db`
    select id, telegram_id as manager_id
    from manager_notices
    where telegram_message is null and given_up_at is null
      and created_at between now() - ${TOO_OLD}::interval and now() - ${LOST_AFTER}::interval
    order by id
    limit ${AT_ONCE}`;
  return OwedToManager.array().parse([...rows]);
}

/** Cards that do not show what is true. */
export async function listCardsBehind(db: Db): Promise<OwedToManager[]> {
  const rows = await db`
    select chat_id as id, manager_id
    from support_chat_offers
    where is_behind
      and offered_at between now() - ${TOO_OLD}::interval and now() - ${LOST_AFTER}::interval
    order by offered_at
    limit ${AT_ONCE}`;
  return OwedToManager.array().parse([...rows]);
}

/** Marks that are owed, or that are to say "delivered" by now. */
export async function listMarksBehind(db: Db): Promise<OwedToManager[]> {
  const rows = await db`
    select chat_marks.message_id as id, chat_messages.telegram_chat as manager_id
    from chat_marks
    join chat_messages on chat_messages.id = chat_marks.message_id
    where shown is distinct from 'delivered' and given_up_at is null
      and (shown is null and chat_marks.created_at < now() - ${LOST_AFTER}::interval or delivered_at is not null)
      and chat_marks.created_at > now() - ${TOO_OLD}::interval
    order by chat_marks.message_id
    limit ${AT_ONCE}`;
  return OwedToManager.array().parse([...rows]);
}
