import * as z from 'zod';

import type { Db } from '../db.ts';
import type { ChatSettings, SupportChat } from './api.schema.ts';

const ChatRow = z.object({
  id: z.uuid(),
  number: z.coerce.number(),
  sessionId: z.uuid(),
  kind: z.enum(['live', 'offline']),
  state: z.enum(['waiting', 'active', 'closed']),
  name: z.string().nullable(),
  phone: z.string().nullable(),
  page: z.string(),
  managerId: z.string().nullable(),
  managerName: z.string().nullable(),
  question: z.string().nullable(),
  lastMessage: z.string().nullable(),
  requestedAt: z.date(),
  acceptedAt: z.date().nullable(),
  firstAnswerAt: z.date().nullable(),
  lastActivityAt: z.date(),
  closedAt: z.date().nullable(),
  closedBy: z.enum(['manager', 'visitor', 'silence']).nullable(),
  rating: z.number().nullable(),
  ratingComment: z.string().nullable(),
  /** `requested_at` to the microsecond, which a Date does not hold. */
  place: z.string(),
});
export type ChatRow = z.output<typeof ChatRow>;

export type ChatFilters = {
  state?: string | undefined;
  manager?: string | undefined;
  search?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
};

function select(db: Db) {
  return db`
    select chat.id, chat.number, chat.session_id, chat.kind, chat.state, chat_sessions.name, chat_sessions.phone,
      chat_sessions.page, owner.id as manager_id, owner.name as manager_name, chat.question,
      last_message.text as last_message, chat.requested_at, chat.accepted_at, chat.first_answer_at,
      chat.last_activity_at, chat.closed_at, chat.closed_by, chat.rating, chat.rating_comment,
      to_char(chat.requested_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.USZ') as place
    from support_chats as chat
    join chat_sessions on chat_sessions.id = chat.session_id
    left join lateral (
      select managers.telegram_id as id, managers.name
      from support_chat_managers
      join managers on managers.telegram_id = support_chat_managers.manager_id
      where support_chat_managers.chat_id = chat.id and role = 'owner' and left_at is null
    ) as owner on true
    left join lateral (
      select left(text, 200) as text
      from chat_messages
      where chat_messages.chat_id = chat.id
      order by chat_messages.id desc
      limit 1
    ) as last_message on true`;
}

export async function listChats(
  db: Db,
  filters: ChatFilters,
  { after, limit }: { after: [place: string, id: string] | undefined; limit: number },
): Promise<ChatRow[]> {
  const { state, manager, search, from, to } = filters;
  const pattern = search && `%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const rows = await db`
    ${select(db)}
    where true
      ${state ? db`and chat.state = ${state}` : db``}
      ${
        manager
          ? db`and exists (select from support_chat_managers where chat_id = chat.id and manager_id = ${manager})`
          : db``
      }
      ${
        pattern
          ? db`and (chat_sessions.name ilike ${pattern} or chat_sessions.phone ilike ${pattern} or chat.number::text = ${search ?? ''})`
          : db``
      }
      ${from ? db`and chat.requested_at >= ${from}` : db``}
      ${to ? db`and chat.requested_at < ${to}` : db``}
      ${after ? db`and (chat.requested_at, chat.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : db``}
    order by chat.requested_at desc, chat.id desc
    limit ${limit}`;
  return ChatRow.array().parse([...rows]);
}

export async function findChat(db: Db, id: string): Promise<ChatRow | undefined> {
  const [row] = await db`
    ${select(db)}
    where chat.id = ${id}`;
  return row && ChatRow.parse(row);
}

export function toItem({
  name,
  phone,
  page,
  managerId,
  managerName,
  ...chat
}: ChatRow): SupportChat {
  return {
    id: chat.id,
    number: chat.number,
    session_id: chat.sessionId,
    kind: chat.kind,
    state: chat.state,
    visitor: { name, phone, page },
    manager: managerId === null ? null : { id: managerId, name: managerName ?? '' },
    question: chat.question,
    last_message: chat.lastMessage,
    requested_at: chat.requestedAt.toISOString(),
    accepted_at: chat.acceptedAt?.toISOString() ?? null,
    first_answer_at: chat.firstAnswerAt?.toISOString() ?? null,
    last_activity_at: chat.lastActivityAt.toISOString(),
    closed_at: chat.closedAt?.toISOString() ?? null,
    closed_by: chat.closedBy,
    rating: chat.rating,
    rating_comment: chat.ratingComment,
  };
}

const Receipt = z.object({
  id: z.string(),
  deliveredAt: z.date().nullable(),
  readAt: z.date().nullable(),
});

/** What has become of the messages of a session. */
export async function listReceipts(db: Db, sessionId: string) {
  const rows = await db`
    select id, delivered_at, read_at
    from chat_messages
    where session_id = ${sessionId}`;
  return new Map(
    Receipt.array()
      .parse([...rows])
      .map((receipt) => [receipt.id, receipt]),
  );
}

const Membership = z
  .object({
    id: z.string(),
    name: z.string(),
    role: z.enum(['owner', 'guest']),
    joinedAt: z.date(),
    leftAt: z.date().nullable(),
  })
  .transform(({ joinedAt, leftAt, ...manager }) => ({
    ...manager,
    joined_at: joinedAt.toISOString(),
    left_at: leftAt?.toISOString() ?? null,
  }));

export async function listMemberships(db: Db, chatId: string) {
  const rows = await db`
    select managers.telegram_id as id, managers.name, role, joined_at, left_at
    from support_chat_managers
    join managers on managers.telegram_id = support_chat_managers.manager_id
    where chat_id = ${chatId}
    order by joined_at`;
  return Membership.array().parse([...rows]);
}

const Happening = z
  .object({
    at: z.date(),
    kind: z.string(),
    managerId: z.string().nullable(),
    managerName: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  })
  .transform(({ at, kind, managerId, managerName, details }) => ({
    at: at.toISOString(),
    kind,
    manager: managerId === null ? null : { id: managerId, name: managerName ?? '' },
    details,
  }));

/** What happened to a chat, oldest first. */
export async function listTimeline(
  db: Db,
  { chatId, sessionId }: { chatId: string; sessionId: string },
) {
  const rows = await db`
    select chat_events.at, chat_events.kind, chat_events.manager_id, managers.name as manager_name, chat_events.details
    from chat_events
    left join managers on managers.telegram_id = chat_events.manager_id
    where chat_events.session_id = ${sessionId} and coalesce(chat_events.chat_id, ${chatId}) = ${chatId}
    order by chat_events.id
    limit 1000`;
  return Happening.array().parse([...rows]);
}

const Settings = z
  .object({
    aiPrompt: z.string(),
    greeting: z.string(),
    escalateAfterSeconds: z.number(),
    idleCloseMinutes: z.number(),
  })
  .transform((row): ChatSettings => ({
    ai_prompt: row.aiPrompt,
    greeting: row.greeting,
    escalate_after_seconds: row.escalateAfterSeconds,
    idle_close_minutes: row.idleCloseMinutes,
  }));

export async function loadSettings(db: Db): Promise<ChatSettings> {
  const [row] = await db`
    select ai_prompt, greeting, escalate_after_seconds, idle_close_minutes
    from chat_settings`;
  return Settings.parse(row);
}

type SettingsChange = { [K in keyof ChatSettings]?: ChatSettings[K] | undefined };

export async function saveSettings(db: Db, change: SettingsChange): Promise<ChatSettings> {
  const [row] = await db`
    update chat_settings
    set ai_prompt = coalesce(${change.ai_prompt ?? null}, ai_prompt),
        greeting = coalesce(${change.greeting ?? null}, greeting),
        escalate_after_seconds = coalesce(${change.escalate_after_seconds ?? null}, escalate_after_seconds),
        idle_close_minutes = coalesce(${change.idle_close_minutes ?? null}, idle_close_minutes),
        updated_at = now()
    returning ai_prompt, greeting, escalate_after_seconds, idle_close_minutes`;
  return Settings.parse(row);
}
