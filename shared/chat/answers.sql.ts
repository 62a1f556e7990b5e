import * as z from 'zod';

import type { Db } from '../db.ts';
import { ChatState } from './visitor.schema.ts';

const Question = z.object({
  sessionId: z.uuid(),
  state: ChatState,
  locale: z.enum(['ru', 'en']),
  network: z.string().nullable(),
  isAnswered: z.boolean(),
  isOvertaken: z.boolean(),
});

/** What a visitor said, and whether it still wants an answer. */
export async function findQuestion(db: Db, messageId: string) {
  const [row] = await db`
    select chat_sessions.id as session_id, chat_sessions.state, chat_sessions.locale, chat_sessions.ip as network,
      exists (select from chat_messages as answer where answer.answers_id = message.id) as is_answered,
      exists (
        select from chat_messages as later
        where later.session_id = message.session_id and later.id > message.id and later.sender = 'user'
      ) as is_overtaken
    from chat_messages as message
    join chat_sessions on chat_sessions.id = message.session_id
    where message.id = ${messageId}`;
  return row && Question.parse(row);
}

export async function loadPrompt(db: Db): Promise<string> {
  const [row] = await db`select ai_prompt from chat_settings`;
  return z.object({ aiPrompt: z.string() }).parse(row).aiPrompt;
}

const Hearers = z.object({ isAis: z.boolean(), connectionIds: z.array(z.string()) });

/** Whether the chat is still the AI's, and who is watching. */
export async function findHearers(db: Db, sessionId: string) {
  const [row] = await db`
    select chat_sessions.state = 'ai' as is_ais,
      array(select id from chat_connections where session_id = chat_sessions.id) as connection_ids
    from chat_sessions
    where id = ${sessionId}`;
  return row ? Hearers.parse(row) : { isAis: false, connectionIds: [] };
}

/** Says it unless it is the last thing that was said to the visitor, or the chat is the AI's no more. */
export async function offerHuman(db: Db, sessionId: string, text: string): Promise<void> {
  await db`
    with session as (
      select id
      from chat_sessions
      where id = ${sessionId} and state = 'ai'
      for no key update
    )
    insert into chat_messages (session_id, sender, text)
    select session.id, 'system', ${text}
    from session
    where ${text} is distinct from (
      select text
      from chat_messages
      where session_id = ${sessionId} and sender <> 'user'
      order by id desc
      limit 1
    )`;
}

const Unanswered = z.object({ messageId: z.string(), sessionId: z.uuid() });

/** What visitors said to the AI a minute ago and nobody has answered: the message to the queue may be lost. */
export async function listUnanswered(db: Db) {
  const rows = await db`
    select last.id as message_id, chat_sessions.id as session_id
    from chat_sessions
    join lateral (
      select id, sender
      from chat_messages
      where session_id = chat_sessions.id
      order by id desc
      limit 1
    ) as last on last.sender = 'user'
    where chat_sessions.state = 'ai'
      and chat_sessions.last_message_at between now() - interval '10 minutes' and now() - interval '1 minute'
    order by chat_sessions.last_message_at
    limit 100`;
  return Unanswered.array().parse([...rows]);
}
