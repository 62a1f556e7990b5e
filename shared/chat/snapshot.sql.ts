import * as z from 'zod';

import type { ChatStep } from '../crm/crm.schema.ts';
import type { ChatLine, ChatSnapshot } from '../crm/crm.ts';
import type { Db } from '../db.ts';
import type { Signer } from '../recordings/sign.ts';

type Told = {
  enterpriseNumber: string;
  chatId: string;
  chatMessageId: string | null;
  step: ChatStep;
  timezone: string;
};

const Chat = z.object({
  id: z.uuid(),
  number: z.string(),
  sessionId: z.uuid(),
  kind: z.enum(['live', 'offline']),
  state: z.enum(['waiting', 'active', 'closed']),
  clientName: z.string().nullable(),
  phone: z.string().nullable(),
  question: z.string().nullable(),
  page: z.string(),
  managerName: z.string().nullable(),
  requestedAt: z.date(),
  acceptedAt: z.date().nullable(),
  closedAt: z.date().nullable(),
  closedBy: z.enum(['manager', 'visitor', 'silence']).nullable(),
});

const Line = z.object({
  id: z.string(),
  sender: z.enum(['ai', 'user', 'manager']),
  text: z.string(),
  managerName: z.string().nullable(),
  at: z.date(),
  fileName: z.string().nullable(),
  contentType: z.string().nullable(),
  size: z.coerce.number().nullable(),
  objectKey: z.string().nullable(),
});

/** Longer transcripts lose their beginning. */
const MOST_LINES = 500;
const LINK_SECONDS = 3_600;
const SHORTEST_PHONE = 5;

/** A chat as CRMs and webhooks are told of it at this step; nothing when what the step is about is gone. */
export async function loadChatSnapshot(
  { db, signer }: { db: Db; signer: Pick<Signer, 'get'> },
  { enterpriseNumber, chatId, chatMessageId, step, timezone }: Told,
): Promise<ChatSnapshot | undefined> {
  const [row] = await db`
    select support_chats.id, support_chats.number, support_chats.session_id, support_chats.kind, support_chats.state,
      chat_sessions.name as client_name, chat_sessions.phone, support_chats.question, chat_sessions.page,
      owner.name as manager_name, support_chats.requested_at, support_chats.accepted_at, support_chats.closed_at,
      support_chats.closed_by
    from support_chats
    join chat_sessions on chat_sessions.id = support_chats.session_id
    left join lateral (
      select managers.name
      from support_chat_managers
      join managers on managers.telegram_id = support_chat_managers.manager_id
      where support_chat_managers.chat_id = support_chats.id
        and support_chat_managers.role = 'owner'
      order by support_chat_managers.left_at desc nulls first
      limit 1
    ) as owner on true
    where support_chats.id = ${chatId}`;
  if (!row) return undefined;
  const chat = Chat.parse(row);
  const [message] = chatMessageId === null ? [] : await listLines(db, messageIs(db, chatMessageId));
  if (chatMessageId !== null && !message) return undefined;
  const lines = step === 'chat_closed' ? await listLines(db, belongsTo(db, chat)) : [];
  return {
    ...chat,
    enterpriseNumber,
    timezone,
    phone: digitsOf(chat.phone),
    message: message ? await toLine(message, (key, name) => linkTo(signer, key, name)) : null,
    transcript: await Promise.all(lines.map((line) => toLine(line, async () => null))),
  };
}

/** What visitors type is digits and whatever else; too few of them are no number. */
function digitsOf(phone: string | null): string | null {
  const digits = phone?.replaceAll(/\D/g, '') ?? '';
  return digits.length >= SHORTEST_PHONE ? digits : null;
}

const messageIs = (db: Db, id: string) => db`message.id = ${id}`;

/** The chat's own, and the talk with the AI that led to it: what follows the chat before. */
function belongsTo(db: Db, { id, sessionId }: z.output<typeof Chat>) {
  return db`
    message.session_id = ${sessionId}
    and (
      message.chat_id = ${id}
      or message.chat_id is null
        and message.id < (select min(id) from chat_messages where chat_id = ${id})
        and message.id > coalesce((
          select max(before.id)
          from chat_messages as before
          where before.session_id = ${sessionId}
            and before.chat_id <> ${id}
            and before.id < (select min(id) from chat_messages where chat_id = ${id})
        ), 0)
    )`;
}

async function listLines(db: Db, which: ReturnType<typeof messageIs>) {
  const rows = await db`
    select message.id, message.sender, message.text, message.manager_name, message.created_at as at,
      chat_attachments.file_name, chat_attachments.content_type, chat_attachments.size, chat_attachments.object_key
    from chat_messages as message
    left join chat_attachments on chat_attachments.id = message.attachment_id
    where ${which} and message.sender in ('ai', 'user', 'manager')
    order by message.id desc
    limit ${MOST_LINES}`;
  return Line.array().parse([...rows].reverse());
}

async function toLine(
  { fileName, contentType, size, objectKey, ...line }: z.output<typeof Line>,
  link: (key: string, name: string) => Promise<string | null>,
): Promise<ChatLine> {
  if (fileName === null || contentType === null || size === null || objectKey === null)
    return { ...line, attachment: null };
  const url = await link(objectKey, fileName);
  return { ...line, attachment: { name: fileName, contentType, size, url } };
}

/** The message is told even where the keys of the storage are missing. */
async function linkTo(signer: Pick<Signer, 'get'>, key: string, name: string) {
  return signer.get(key, { seconds: LINK_SECONDS, saveAs: name }).catch(() => null);
}
