import * as z from 'zod';

import type { Db } from '../db.ts';

const HeldChat = z.object({
  chatId: z.uuid(),
  sessionId: z.uuid(),
  number: z.string(),
  state: z.enum(['waiting', 'active', 'closed']),
  name: z.string().nullable(),
  phone: z.string().nullable(),
  role: z.enum(['owner', 'guest']).nullable(),
});
/** A chat, and what this manager is in it. */
export type HeldChat = z.output<typeof HeldChat>;

function columns(db: Db) {
  return db`
    support_chats.id as chat_id, support_chats.session_id, support_chats.number, support_chats.state,
    chat_sessions.name, chat_sessions.phone, mine.role`;
}

export async function findHeldChat(
  db: Db,
  chatId: string,
  managerId: string,
): Promise<HeldChat | undefined> {
  const [row] = await db`
    select ${columns(db)}
    from support_chats
    join chat_sessions on chat_sessions.id = support_chats.session_id
    left join support_chat_managers as mine
      on mine.chat_id = support_chats.id and mine.manager_id = ${managerId} and mine.left_at is null
    where support_chats.id = ${chatId}`;
  return row && HeldChat.parse(row);
}

/** The chats a manager is in, oldest first. */
export async function listHeldChats(db: Db, managerId: string): Promise<HeldChat[]> {
  const rows = await db`
    select ${columns(db)}
    from support_chat_managers as mine
    join support_chats on support_chats.id = mine.chat_id
    join chat_sessions on chat_sessions.id = support_chats.session_id
    where mine.manager_id = ${managerId} and mine.left_at is null and support_chats.state = 'active'
    order by mine.joined_at`;
  return HeldChat.array().parse([...rows]);
}

/** The chat that a message of the manager's Telegram is about: a copy, a card, a notice, or what he wrote himself. */
export async function findChatOfTelegram(
  db: Db,
  managerId: string,
  telegramMessage: number,
): Promise<string | undefined> {
  const [row] = await db`
    select chat_id
    from (
      select chat_messages.chat_id
      from chat_copies
      join chat_messages on chat_messages.id = chat_copies.message_id
      where chat_copies.manager_id = ${managerId} and chat_copies.telegram_message = ${telegramMessage}
      union all
      select chat_id
      from support_chat_offers
      where manager_id = ${managerId} and message_id = ${telegramMessage}
      union all
      select chat_id
      from manager_notices
      where telegram_id = ${managerId} and telegram_message = ${telegramMessage}
      union all
      select chat_id
      from chat_messages
      where telegram_chat = ${managerId} and telegram_message = ${telegramMessage}
    ) as found
    where chat_id is not null
    limit 1`;
  return row && z.object({ chatId: z.string() }).parse(row).chatId;
}

/**
 * Makes the manager the owner of a chat that waits: the first to ask wins, in this one statement. What the visitor has
 * said since the last answer is owed to his Telegram.
 */
export async function takeChat(tx: Db, chatId: string, managerId: string): Promise<boolean> {
  const { count } = await tx`
    with won as (
      update support_chats
      set state = 'active', accepted_at = coalesce(accepted_at, now()), escalate_at = null, last_activity_at = now(),
          idle_warned_at = null
      where id = ${chatId} and state = 'waiting'
      returning id, session_id
    ), session as (
      update chat_sessions
      set state = 'active', updated_at = now()
      from won
      where chat_sessions.id = won.session_id
    ), unanswered as (
      insert into chat_copies (message_id, manager_id)
      select chat_messages.id, ${managerId}
      from chat_messages
      join won on won.id = chat_messages.chat_id
      where chat_messages.sender = 'user'
        and chat_messages.id > coalesce(
          (select max(id) from chat_messages where chat_id = ${chatId} and sender = 'manager'), 0
        )
      on conflict do nothing
    )
    insert into support_chat_managers (chat_id, manager_id, role)
    select id, ${managerId}, 'owner'
    from won
    on conflict (chat_id, manager_id) do update
    set role = 'owner', left_at = null, joined_at = now()`;
  return count > 0;
}

export async function listOwedCopies(db: Db, chatId: string, managerId: string): Promise<string[]> {
  const rows = await db`
    select message_id
    from chat_copies
    join chat_messages on chat_messages.id = chat_copies.message_id
    where chat_messages.chat_id = ${chatId}
      and chat_copies.manager_id = ${managerId}
      and chat_copies.telegram_message is null
    order by message_id`;
  return z
    .object({ messageId: z.string() })
    .array()
    .parse([...rows])
    .map(({ messageId }) => messageId);
}

/** Adds a manager. The owner before must have left. */
export async function joinChat(
  tx: Db,
  { chatId, managerId, role }: { chatId: string; managerId: string; role: 'owner' | 'guest' },
): Promise<void> {
  await tx`
    insert into support_chat_managers (chat_id, manager_id, role)
    values (${chatId}, ${managerId}, ${role})
    on conflict (chat_id, manager_id) do update
    set role = excluded.role, left_at = null, joined_at = now()`;
}

/** Takes a manager out, reply mode included. Returns false when he was not in it. */
export async function leaveChat(tx: Db, chatId: string, managerId: string): Promise<boolean> {
  const { count } = await tx`
    with mode as (
      update manager_states
      set chat_id = null, updated_at = now()
      where manager_id = ${managerId} and chat_id = ${chatId}
    )
    update support_chat_managers
    set left_at = now()
    where chat_id = ${chatId} and manager_id = ${managerId} and left_at is null`;
  return count > 0;
}

/** Nobody is there to take it over: it waits again, for whoever comes on shift or for the next step of the timers. */
export async function putBackChat(tx: Db, chatId: string): Promise<void> {
  await tx`
    with chat as (
      update support_chats
      set state = 'waiting', escalate_at = null, everybody_asked = false, requested_at = now()
      where id = ${chatId} and state = 'active'
      returning id, session_id
    ), session as (
      update chat_sessions
      set state = 'waiting', updated_at = now()
      from chat
      where chat_sessions.id = chat.session_id
    ), guests as (
      update support_chat_managers
      set left_at = now()
      from chat
      where support_chat_managers.chat_id = chat.id and left_at is null
    )
    update support_chat_offers
    set is_open = false, is_behind = true
    from chat
    where support_chat_offers.chat_id = chat.id`;
}

/** Who takes a chat over: a guest of it on shift, else the least loaded on shift. */
export async function findSuccessor(
  db: Db,
  chatId: string,
  butId: string,
): Promise<string | undefined> {
  const [row] = await db`
    select managers.telegram_id as id
    from managers
    left join support_chat_managers as mine
      on mine.chat_id = ${chatId} and mine.manager_id = managers.telegram_id and mine.left_at is null
    where managers.status = 'online' and managers.removed_at is null and managers.telegram_id <> ${butId}
    order by mine.role is null, (
      select count(*)
      from support_chat_managers
      join support_chats on support_chats.id = support_chat_managers.chat_id and support_chats.state = 'active'
      where support_chat_managers.manager_id = managers.telegram_id and left_at is null
    ), managers.telegram_id
    limit 1`;
  return row && z.object({ id: z.string() }).parse(row).id;
}

const Colleague = z.object({ id: z.string(), name: z.string(), isInChat: z.boolean() });

/** Who is on shift beside him, for inviting and passing on. */
export async function listColleagues(db: Db, chatId: string, butId: string) {
  const rows = await db`
    select managers.telegram_id as id, managers.name, mine.role is not null as is_in_chat
    from managers
    left join support_chat_managers as mine
      on mine.chat_id = ${chatId} and mine.manager_id = managers.telegram_id and mine.left_at is null
    where managers.status = 'online' and managers.removed_at is null and managers.telegram_id <> ${butId}
    order by managers.name
    limit 30`;
  return Colleague.array().parse([...rows]);
}

/** The managers in a chat now, or when it was closed. */
export async function listMembers(
  db: Db,
  chatId: string,
): Promise<{ id: string; role: 'owner' | 'guest' }[]> {
  const rows = await db`
    select manager_id as id, role
    from support_chat_managers
    where chat_id = ${chatId} and left_at is null
    order by role desc`;
  return z
    .object({ id: z.string(), role: z.enum(['owner', 'guest']) })
    .array()
    .parse([...rows]);
}

const Line = z.object({
  sender: z.string(),
  text: z.string(),
  managerName: z.string().nullable(),
  fileName: z.string().nullable(),
  at: z.date(),
});
export type HistoryLine = z.output<typeof Line>;

/** The last of what was said in a session, oldest first. */
export async function listHistory(
  db: Db,
  sessionId: string,
  limit: number,
): Promise<HistoryLine[]> {
  const rows = await db`
    select sender, text, manager_name, file_name, chat_messages.created_at as at
    from chat_messages
    left join chat_attachments on chat_attachments.id = chat_messages.attachment_id
    where chat_messages.session_id = ${sessionId}
    order by chat_messages.id desc
    limit ${limit}`;
  return Line.array().parse([...rows].reverse());
}

const Visited = z.object({
  page: z.string(),
  referrer: z.string().nullable(),
  userAgent: z.string().nullable(),
  createdAt: z.date(),
});

/** Where a visitor came from. */
export async function loadVisit(db: Db, sessionId: string) {
  const [row] = await db`
    select page, referrer, user_agent, created_at
    from chat_sessions
    where id = ${sessionId}`;
  return Visited.parse(row);
}

const Closed = z.object({
  number: z.string(),
  name: z.string().nullable(),
  closedBy: z.enum(['manager', 'visitor', 'silence']),
});

export async function findClosed(db: Db, chatId: string) {
  const [row] = await db`
    select support_chats.number, chat_sessions.name, support_chats.closed_by
    from support_chats
    join chat_sessions on chat_sessions.id = support_chats.session_id
    where support_chats.id = ${chatId} and support_chats.state = 'closed'`;
  return row && Closed.parse(row);
}
