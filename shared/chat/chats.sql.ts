import * as z from 'zod';

import type { Db } from '../db.ts';
import { ChatState } from './visitor.schema.ts';

const OpenChat = z.object({
  id: z.uuid(),
  kind: z.enum(['live', 'offline']),
  state: z.enum(['waiting', 'active']),
});
export type OpenChat = z.output<typeof OpenChat>;

/** The hand-over of this session that nobody has closed yet. */
export async function findOpenChat(db: Db, sessionId: string): Promise<OpenChat | undefined> {
  const [row] = await db`
    select id, kind, state
    from support_chats
    where session_id = ${sessionId} and state <> 'closed'`;
  return row && OpenChat.parse(row);
}

/**
 * Makes the session's hand-over; one that waits as an offline request becomes a live one. Whoever offers it to managers
 * sets the time of the next step: until then the timer looks after it soon.
 */
export async function upsertLiveChat(
  tx: Db,
  { id, sessionId }: { id: string; sessionId: string },
): Promise<string> {
  const [row] = await tx`
    insert into support_chats (id, session_id, escalate_at)
    values (${id}, ${sessionId}, now() + interval '15 seconds')
    on conflict (session_id) where state <> 'closed' do update
    set kind = 'live', escalate_at = excluded.escalate_at, requested_at = now(), last_activity_at = now()
    returning id`;
  return z.object({ id: z.string() }).parse(row).id;
}

/** The question that waits for somebody to come on shift. One that waits already is replaced. */
export async function upsertOfflineChat(
  tx: Db,
  { id, sessionId, question }: { id: string; sessionId: string; question: string },
): Promise<string> {
  const [row] = await tx`
    insert into support_chats (id, session_id, kind, question)
    values (${id}, ${sessionId}, 'offline', ${question})
    on conflict (session_id) where state <> 'closed' do update
    set question = excluded.question, last_activity_at = now()
    returning id`;
  return z.object({ id: z.string() }).parse(row).id;
}

export async function isAnybodyOnShift(db: Db): Promise<boolean> {
  const [row] = await db`
    select exists (
      select from managers where status = 'online' and removed_at is null
    ) as is_anybody`;
  return z.object({ isAnybody: z.boolean() }).parse(row).isAnybody;
}

/** Returns false when it is closed already. Reply modes that pointed here end. */
export async function closeOpenChat(
  tx: Db,
  id: string,
  by: 'manager' | 'visitor' | 'silence',
): Promise<boolean> {
  const { count } = await tx`
    update support_chats
    set state = 'closed', closed_at = now(), closed_by = ${by}, escalate_at = null
    where id = ${id} and state <> 'closed'`;
  if (count > 0)
    await tx`update manager_states set chat_id = null, updated_at = now() where chat_id = ${id}`;
  return count > 0;
}

/** Rates the session's last hand-over, if it is closed and has no rating. Returns its id. */
export async function rateClosedChat(
  db: Db,
  { sessionId, rating, comment }: { sessionId: string; rating: number; comment: string | null },
): Promise<string | undefined> {
  const [row] = await db`
    update support_chats
    set rating = ${rating}, rating_comment = ${comment}
    where id = (
        select id from support_chats
        where session_id = ${sessionId}
        order by number desc
        limit 1
      )
      and state = 'closed' and accepted_at is not null and rating is null
    returning id`;
  return row && z.object({ id: z.string() }).parse(row).id;
}

const Standing = z.object({
  state: ChatState,
  chatId: z.uuid().nullable(),
  managerName: z.string().nullable(),
  rated: z.boolean(),
});
/** Where a visitor's chat stands, as the visitor is shown it. */
export type Standing = z.output<typeof Standing>;

export async function findStanding(db: Db, sessionId: string): Promise<Standing | undefined> {
  const [row] = await db`
    select chat_sessions.state,
      last_chat.id as chat_id,
      case when chat_sessions.state = 'active' then owner.name end as manager_name,
      not coalesce(
        last_chat.state = 'closed' and last_chat.accepted_at is not null and last_chat.rating is null, false
      ) as rated
    from chat_sessions
    left join lateral (
      select id, state, accepted_at, rating
      from support_chats
      where session_id = chat_sessions.id
      order by number desc
      limit 1
    ) as last_chat on true
    left join lateral (
      select managers.name
      from support_chat_managers
      join managers on managers.telegram_id = support_chat_managers.manager_id
      where support_chat_managers.chat_id = last_chat.id
        and support_chat_managers.role = 'owner'
        and support_chat_managers.left_at is null
    ) as owner on true
    where chat_sessions.id = ${sessionId}`;
  return row && Standing.parse(row);
}

export type ChatEvent = {
  sessionId: string;
  kind: string;
  chatId?: string | null;
  managerId?: string | null;
  details?: Record<string, string | number | boolean | null>;
};

/** For the timeline of the chat's page. */
export async function insertChatEvent(db: Db, event: ChatEvent): Promise<void> {
  const { sessionId, kind, chatId = null, managerId = null, details = {} } = event;
  await db`
    insert into chat_events (session_id, chat_id, manager_id, kind, details)
    values (${sessionId}, ${chatId}, ${managerId}, ${kind}, ${db.json(details)})`;
}
