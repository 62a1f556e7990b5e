import * as z from 'zod';

import type { Db } from '../db.ts';

const Card = z.object({
  chatId: z.uuid(),
  number: z.string(),
  sessionId: z.uuid(),
  kind: z.enum(['live', 'offline']),
  state: z.enum(['waiting', 'active', 'closed']),
  question: z.string().nullable(),
  rating: z.number().nullable(),
  name: z.string().nullable(),
  phone: z.string().nullable(),
  page: z.string(),
  ownerName: z.string().nullable(),
  /** What this manager is in the chat; null: nothing, or no more. */
  role: z.enum(['owner', 'guest']).nullable(),
  messageId: z.coerce.number().nullable(),
  shown: z.string().nullable(),
  attempts: z.number(),
  /** The last of the talk with the AI. */
  before: z.array(z.object({ sender: z.string(), text: z.string() })),
});
/** A chat as one manager's Telegram is to show it. */
export type Card = z.output<typeof Card>;

export async function loadCard(
  db: Db,
  chatId: string,
  managerId: string,
): Promise<Card | undefined> {
  const [row] = await db`
    select support_chats.id as chat_id, support_chats.number, support_chats.session_id, support_chats.kind,
      support_chats.state, support_chats.question, support_chats.rating, chat_sessions.name, chat_sessions.phone,
      chat_sessions.page, owner.name as owner_name, mine.role, offer.message_id, offer.shown, offer.attempts,
      coalesce((
        select jsonb_agg(jsonb_build_object('sender', last.sender, 'text', left(last.text, 400)) order by last.id)
        from (
          select id, sender, text
          from chat_messages
          where session_id = support_chats.session_id and chat_id is null and sender in ('user', 'ai')
          order by id desc
          limit 3
        ) as last
      ), '[]') as before
    from support_chat_offers as offer
    join support_chats on support_chats.id = offer.chat_id
    join chat_sessions on chat_sessions.id = support_chats.session_id
    left join support_chat_managers as mine
      on mine.chat_id = support_chats.id and mine.manager_id = offer.manager_id and mine.left_at is null
    left join lateral (
      select managers.name
      from support_chat_managers
      join managers on managers.telegram_id = support_chat_managers.manager_id
      where support_chat_managers.chat_id = support_chats.id and role = 'owner' and left_at is null
    ) as owner on true
    where offer.chat_id = ${chatId} and offer.manager_id = ${managerId}`;
  return row && Card.parse(row);
}

/** What the card shows from now on. */
export async function saveCard(
  db: Db,
  {
    chatId,
    managerId,
    messageId,
    shown,
  }: { chatId: string; managerId: string; messageId: number; shown: string },
): Promise<void> {
  await db`
    update support_chat_offers
    set message_id = ${messageId}, shown = ${shown}, is_behind = false, attempts = 0
    where chat_id = ${chatId} and manager_id = ${managerId}`;
}

/** The message is gone or cannot be reached: a new one, or none. */
export async function forgetCard(
  db: Db,
  { chatId, managerId, isBehind }: { chatId: string; managerId: string; isBehind: boolean },
): Promise<void> {
  await db`
    update support_chat_offers
    set message_id = null, shown = null, is_behind = ${isBehind}
    where chat_id = ${chatId} and manager_id = ${managerId}`;
}

/** Counts a try; the timers bring back what is behind. */
export async function countCardTry(db: Db, chatId: string, managerId: string): Promise<number> {
  const [row] = await db`
    update support_chat_offers
    set attempts = attempts + 1
    where chat_id = ${chatId} and manager_id = ${managerId}
    returning attempts`;
  return z.object({ attempts: z.number() }).parse(row).attempts;
}

/** Everybody whose card of this chat has to follow a change. */
export async function setCardsBehind(tx: Db, chatId: string): Promise<string[]> {
  const rows = await tx`
    update support_chat_offers
    set is_behind = true, is_open = is_open and (select state = 'waiting' from support_chats where id = ${chatId})
    where chat_id = ${chatId}
    returning manager_id`;
  return managerIds(rows);
}

/**
 * A card at the bottom of the manager's chat: what stands higher up is taken away when the new one is sent. With
 * `keepsPlace` the one that is there stays where it is.
 */
export async function renewCard(
  tx: Db,
  chatId: string,
  managerId: string,
  keepsPlace = false,
): Promise<void> {
  await tx`
    insert into support_chat_offers as offer (chat_id, manager_id, is_open)
    values (${chatId}, ${managerId}, false)
    on conflict (chat_id, manager_id) do update
    set shown = case when ${keepsPlace} then offer.shown end, is_behind = true, attempts = 0`;
}

const Waiting = z.object({
  state: z.string(),
  isDue: z.boolean(),
  everybodyAsked: z.boolean(),
  secondsLeft: z.coerce.number().nullable(),
});

/** Locks the chat while it is decided who is asked next. */
export async function lockWaiting(tx: Db, chatId: string) {
  const [row] = await tx`
    select state, everybody_asked,
      coalesce(escalate_at <= now(), true) and not everybody_asked
        or not exists (select from support_chat_offers where chat_id = support_chats.id and is_open) as is_due,
      extract(epoch from escalate_at - now()) as seconds_left
    from support_chats
    where id = ${chatId}
    for update`;
  return row && Waiting.parse(row);
}

/** The least loaded manager on shift who has not been asked and has room: his offer, and until when he is waited for. */
export async function offerToNext(tx: Db, chatId: string): Promise<string | undefined> {
  const rows = await tx`
    with next as (
      select managers.telegram_id
      from managers
      cross join lateral (
        select count(*) as open, max(joined_at) as last_joined
        from support_chat_managers
        join support_chats on support_chats.id = support_chat_managers.chat_id and support_chats.state = 'active'
        where support_chat_managers.manager_id = managers.telegram_id and left_at is null
      ) as load
      cross join lateral (
        select count(*) as offered
        from support_chat_offers
        join support_chats on support_chats.id = support_chat_offers.chat_id and support_chats.state = 'waiting'
        where support_chat_offers.manager_id = managers.telegram_id and is_open
      ) as asked
      where managers.status = 'online'
        and managers.removed_at is null
        and load.open < managers.max_active_chats
        and not exists (
          select from support_chat_offers
          where chat_id = ${chatId} and manager_id = managers.telegram_id and is_open
        )
      order by load.open, asked.offered, load.last_joined nulls first, managers.shift_started_at, managers.telegram_id
      limit 1
    ), waits as (
      update support_chats
      set escalate_at = now() + make_interval(secs => (select escalate_after_seconds from chat_settings))
      from next
      where support_chats.id = ${chatId}
    )
    insert into support_chat_offers (chat_id, manager_id)
    select ${chatId}, telegram_id
    from next
    on conflict (chat_id, manager_id) do update
    set is_open = true, is_behind = true, attempts = 0, shown = null, offered_at = now()
    returning manager_id`;
  return managerIds(rows)[0];
}

/** Nobody is left to be asked alone: everybody on shift is, whatever his load. The next step is somebody's coming on shift. */
export async function offerToEverybody(tx: Db, chatId: string): Promise<string[]> {
  const rows = await tx`
    with offered as (
      insert into support_chat_offers (chat_id, manager_id)
      select ${chatId}, telegram_id
      from managers
      where status = 'online' and removed_at is null
      on conflict (chat_id, manager_id) do update
      set is_open = true, is_behind = true, attempts = 0, shown = null, offered_at = now()
      returning manager_id
    ), asked as (
      update support_chats
      set escalate_at = null, everybody_asked = exists (select from offered)
      where id = ${chatId}
    )
    select manager_id from offered`;
  return managerIds(rows);
}

/** What waits for anybody at all, offered to who has just come on shift. Returns the chats. */
export async function offerWaitingTo(tx: Db, managerId: string): Promise<string[]> {
  const rows = await tx`
    insert into support_chat_offers (chat_id, manager_id)
    select id, ${managerId}
    from support_chats
    where state = 'waiting' and escalate_at is null
    order by requested_at
    limit 50
    on conflict (chat_id, manager_id) do update
    set is_open = true, is_behind = true, attempts = 0, shown = null, offered_at = now()
    returning chat_id`;
  return z
    .object({ chatId: z.string() })
    .array()
    .parse([...rows])
    .map(({ chatId }) => chatId);
}

function managerIds(rows: Iterable<unknown>): string[] {
  return z
    .object({ managerId: z.string() })
    .array()
    .parse([...rows])
    .map(({ managerId }) => managerId);
}
