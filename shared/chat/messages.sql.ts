import * as z from 'zod';

import type { Db } from '../db.ts';
import { Sender } from './visitor.schema.ts';

const StoredMessage = z.object({
  id: z.string(),
  sessionId: z.uuid(),
  chatId: z.uuid().nullable(),
  sender: Sender,
  text: z.string(),
  managerId: z.string().nullable(),
  managerName: z.string().nullable(),
  clientId: z.string().nullable(),
  createdAt: z.date(),
  editedAt: z.date().nullable(),
  attachmentId: z.uuid().nullable(),
  fileName: z.string().nullable(),
  contentType: z.string().nullable(),
  size: z.coerce.number().nullable(),
  objectKey: z.string().nullable(),
});
export type StoredMessage = z.output<typeof StoredMessage>;

export type NewMessage = {
  sessionId: string;
  chatId?: string | null;
  sender: z.output<typeof Sender>;
  text: string;
  attachmentId?: string | null;
  managerId?: string | null;
  managerName?: string | null;
  clientId?: string | null;
  telegramChat?: string | null;
  telegramMessage?: string | null;
};

function columns(db: Db) {
  return db`
    message.id, message.session_id, message.chat_id, message.sender, message.text, message.manager_id,
    message.manager_name, message.client_id, message.created_at, message.edited_at, message.attachment_id,
    chat_attachments.file_name, chat_attachments.content_type, chat_attachments.size, chat_attachments.object_key`;
}

/**
 * Adds a message to a locked session. Returns nothing when it is there already: the same client_id of this session, or
 * the same message of a manager's Telegram.
 */
export async function insertMessage(
  tx: Db,
  message: NewMessage,
): Promise<StoredMessage | undefined> {
  const [row] = await tx`
    with message as (
      insert into chat_messages (session_id, chat_id, sender, text, attachment_id, manager_id, manager_name, client_id,
        telegram_chat, telegram_message)
      values (${message.sessionId}, ${message.chatId ?? null}, ${message.sender}, ${message.text},
        ${message.attachmentId ?? null}, ${message.managerId ?? null}, ${message.managerName ?? null},
        ${message.clientId ?? null}, ${message.telegramChat ?? null}, ${message.telegramMessage ?? null})
      on conflict do nothing
      returning *
    ), touched as (
      update chat_sessions
      set last_message_at = now(), updated_at = now()
      from message
      where chat_sessions.id = message.session_id
    ), active as (
      update support_chats
      set last_activity_at = now(),
          idle_warned_at = null,
          first_answer_at = coalesce(first_answer_at, case when message.sender = 'manager' then now() end)
      from message
      where support_chats.id = message.chat_id and message.sender in ('user', 'manager')
    )
    select ${columns(tx)}
    from message
    left join chat_attachments on chat_attachments.id = message.attachment_id`;
  return row && StoredMessage.parse(row);
}

export async function findByClientId(
  db: Db,
  sessionId: string,
  clientId: string,
): Promise<StoredMessage | undefined> {
  const [row] = await db`
    select ${columns(db)}
    from chat_messages as message
    left join chat_attachments on chat_attachments.id = message.attachment_id
    where message.session_id = ${sessionId} and message.client_id = ${clientId}`;
  return row && StoredMessage.parse(row);
}

/** The message that a manager wrote there. */
export async function findByTelegram(
  db: Db,
  telegramChat: string,
  telegramMessage: string,
): Promise<StoredMessage | undefined> {
  const [row] = await db`
    select ${columns(db)}
    from chat_messages as message
    left join chat_attachments on chat_attachments.id = message.attachment_id
    where message.telegram_chat = ${telegramChat} and message.telegram_message = ${telegramMessage}`;
  return row && StoredMessage.parse(row);
}

/** A visitor's socket has taken these. */
export async function markDelivered(db: Db, ids: string[]): Promise<void> {
  await db`
    update chat_messages
    set delivered_at = now()
    where id = any(${ids}::bigint[]) and sender <> 'user' and delivered_at is null`;
}

/** The visitor has seen everything up to this one. */
export async function markRead(db: Db, sessionId: string, upTo: string): Promise<void> {
  await db`
    update chat_messages
    set read_at = now()
    where session_id = ${sessionId} and id <= ${upTo} and sender <> 'user' and read_at is null`;
}

/** What was said after this message (from the beginning without one), oldest first. */
export async function listMessagesAfter(
  db: Db,
  sessionId: string,
  after: string | undefined,
  limit: number,
): Promise<StoredMessage[]> {
  const rows = await db`
    select ${columns(db)}
    from chat_messages as message
    left join chat_attachments on chat_attachments.id = message.attachment_id
    where message.session_id = ${sessionId} and message.id > ${after ?? '0'}
    order by message.id
    limit ${limit}`;
  return StoredMessage.array().parse([...rows]);
}

/** The last messages, oldest first: the AI's context, a manager's first look. */
export async function listLastMessages(
  db: Db,
  sessionId: string,
  limit: number,
  senders: readonly z.output<typeof Sender>[] = Sender.options,
): Promise<StoredMessage[]> {
  const rows = await db`
    select ${columns(db)}
    from chat_messages as message
    left join chat_attachments on chat_attachments.id = message.attachment_id
    where message.session_id = ${sessionId} and message.sender = any(${[...senders]}::text[])
    order by message.id desc
    limit ${limit}`;
  return StoredMessage.array().parse([...rows].reverse());
}

/**
 * Saves an answer of the AI, unless the chat has been handed over or the message has its answer already: the state is
 * looked at under the session's lock, in the same statement.
 */
export async function insertAiAnswer(
  db: Db,
  { sessionId, answersId, text }: { sessionId: string; answersId: string; text: string },
): Promise<StoredMessage | undefined> {
  const [row] = await db`
    with session as (
      select id
      from chat_sessions
      where id = ${sessionId} and state = 'ai'
      for no key update
    ), message as (
      insert into chat_messages (session_id, sender, text, answers_id)
      select session.id, 'ai', ${text}, ${answersId}
      from session
      on conflict do nothing
      returning *
    ), touched as (
      update chat_sessions
      set last_message_at = now(), updated_at = now()
      from message
      where chat_sessions.id = message.session_id
    )
    select ${columns(db)}
    from message
    left join chat_attachments on chat_attachments.id = message.attachment_id`;
  return row && StoredMessage.parse(row);
}

/** Owes the message to the Telegram of every manager in the chat but its author; returns whom. */
export async function oweCopies(
  tx: Db,
  { messageId, chatId, but }: { messageId: string; chatId: string; but: string | null },
): Promise<string[]> {
  const rows = await tx`
    insert into chat_copies (message_id, manager_id)
    select ${messageId}, manager_id
    from support_chat_managers
    where chat_id = ${chatId} and left_at is null and manager_id is distinct from ${but}
    on conflict do nothing
    returning manager_id`;
  return z
    .object({ managerId: z.string() })
    .array()
    .parse([...rows])
    .map(({ managerId }) => managerId);
}
