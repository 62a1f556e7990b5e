import * as z from 'zod';

import type { Db } from '../db.ts';

const Copy = z.object({
  messageId: z.string(),
  sessionId: z.uuid(),
  chatId: z.uuid().nullable(),
  number: z.string().nullable(),
  sender: z.string(),
  text: z.string(),
  visitorName: z.string().nullable(),
  managerName: z.string().nullable(),
  telegramMessage: z.coerce.number().nullable(),
  sentText: z.string().nullable(),
  attempts: z.number(),
  objectKey: z.string().nullable(),
  fileName: z.string().nullable(),
  contentType: z.string().nullable(),
});
/** A message of a chat as one manager's Telegram is to show it. */
export type Copy = z.output<typeof Copy>;

export async function loadCopy(
  db: Db,
  messageId: string,
  managerId: string,
): Promise<Copy | undefined> {
  const [row] = await db`
    select message.id as message_id, message.session_id, message.chat_id, support_chats.number, message.sender,
      message.text, chat_sessions.name as visitor_name, message.manager_name, chat_copies.telegram_message,
      chat_copies.sent_text, chat_copies.attempts, chat_attachments.object_key, chat_attachments.file_name,
      chat_attachments.content_type
    from chat_copies
    join chat_messages as message on message.id = chat_copies.message_id
    join chat_sessions on chat_sessions.id = message.session_id
    left join support_chats on support_chats.id = message.chat_id
    left join chat_attachments on chat_attachments.id = message.attachment_id
    where chat_copies.message_id = ${messageId}
      and chat_copies.manager_id = ${managerId}
      and chat_copies.given_up_at is null`;
  return row && Copy.parse(row);
}

export async function saveCopy(
  db: Db,
  copy: { messageId: string; managerId: string; telegramMessage: number; sentText: string },
): Promise<void> {
  await db`
    update chat_copies
    set telegram_message = ${copy.telegramMessage}, sent_text = ${copy.sentText}
    where message_id = ${copy.messageId} and manager_id = ${copy.managerId}`;
}

export async function countCopyTry(
  db: Db,
  { messageId, managerId, givesUp }: { messageId: string; managerId: string; givesUp: boolean },
): Promise<void> {
  await db`
    update chat_copies
    set attempts = attempts + 1, given_up_at = case when ${givesUp} then now() end
    where message_id = ${messageId} and manager_id = ${managerId}`;
}

/** Changes what a manager said. Returns what it was about; undefined when it is not there or says so already. */
export async function editMessage(
  db: Db,
  edit: { telegramChat: string; telegramMessage: number; text: string },
) {
  const [row] = await db`
    update chat_messages
    set text = ${edit.text}, edited_at = now()
    where telegram_chat = ${edit.telegramChat}
      and telegram_message = ${edit.telegramMessage}
      and text <> ${edit.text}
    returning id, session_id, chat_id, edited_at`;
  return (
    row &&
    z
      .object({
        id: z.string(),
        sessionId: z.uuid(),
        chatId: z.uuid().nullable(),
        editedAt: z.date(),
      })
      .parse(row)
  );
}

/** Whose Telegram shows a message. */
export async function listCopyHolders(db: Db, messageId: string): Promise<string[]> {
  const rows = await db`
    select manager_id as id
    from chat_copies
    where message_id = ${messageId}`;
  return z
    .object({ id: z.string() })
    .array()
    .parse([...rows])
    .map(({ id }) => id);
}

/** Owes a mark below a manager's message. */
export async function oweMark(db: Db, messageId: string): Promise<void> {
  await db`
    insert into chat_marks (message_id)
    values (${messageId})
    on conflict do nothing`;
}

const Mark = z.object({
  sessionId: z.uuid(),
  chatId: z.uuid().nullable(),
  managerId: z.string(),
  written: z.coerce.number(),
  isDelivered: z.boolean(),
  telegramMessage: z.coerce.number().nullable(),
  shown: z.enum(['stored', 'delivered']).nullable(),
  attempts: z.number(),
});

export async function loadMark(db: Db, messageId: string) {
  const [row] = await db`
    select message.session_id, message.chat_id, message.telegram_chat as manager_id, message.telegram_message as written,
      message.delivered_at is not null as is_delivered, chat_marks.telegram_message, chat_marks.shown,
      chat_marks.attempts
    from chat_marks
    join chat_messages as message on message.id = chat_marks.message_id
    where chat_marks.message_id = ${messageId} and chat_marks.given_up_at is null`;
  return row && Mark.parse(row);
}

export async function saveMark(
  db: Db,
  mark: { messageId: string; telegramMessage: number; shown: 'stored' | 'delivered' },
): Promise<void> {
  await db`
    update chat_marks
    set telegram_message = ${mark.telegramMessage}, shown = ${mark.shown}
    where message_id = ${mark.messageId}`;
}

export async function countMarkTry(db: Db, messageId: string, givesUp: boolean): Promise<void> {
  await db`
    update chat_marks
    set attempts = attempts + 1, given_up_at = case when ${givesUp} then now() end
    where message_id = ${messageId}`;
}
