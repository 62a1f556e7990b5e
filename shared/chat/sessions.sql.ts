import * as z from 'zod';

import type { Db } from '../db.ts';
import { ChatState } from './visitor.schema.ts';

export type NewSession = {
  id: string;
  tokenHash: Buffer;
  page: string;
  referrer: string | null;
  locale: 'ru' | 'en';
  userAgent: string | null;
  ip: string;
};

const Session = z.object({
  id: z.uuid(),
  state: ChatState,
  locale: z.enum(['ru', 'en']),
  name: z.string().nullable(),
  phone: z.string().nullable(),
});
export type Session = z.output<typeof Session>;

export async function insertSession(db: Db, session: NewSession): Promise<void> {
  await db`insert into chat_sessions ${db(session)}`;
}

/** The session whose token this is. */
export async function findSession(db: Db, tokenHash: Buffer): Promise<Session | undefined> {
  const [row] = await db`
    select id, state, locale, name, phone
    from chat_sessions
    where token_hash = ${tokenHash}`;
  return row && Session.parse(row);
}

/**
 * Locks the session until the end of the transaction: who changes its state or adds a message holds this first, so that
 * messages are stored in the order of their ids, and states change one after the other.
 */
export async function lockSession(tx: Db, sessionId: string): Promise<Session | undefined> {
  const [row] = await tx`
    select id, state, locale, name, phone
    from chat_sessions
    where id = ${sessionId}
    for no key update`;
  return row && Session.parse(row);
}

export async function setSessionState(tx: Db, sessionId: string, state: ChatState): Promise<void> {
  await tx`
    update chat_sessions
    set state = ${state}, updated_at = now()
    where id = ${sessionId}`;
}

export async function setVisitor(
  tx: Db,
  sessionId: string,
  { name, phone }: { name: string | undefined; phone: string | undefined },
): Promise<void> {
  await tx`
    update chat_sessions
    set name = coalesce(${name ?? null}, name), phone = coalesce(${phone ?? null}, phone), updated_at = now()
    where id = ${sessionId}`;
}
