import * as z from 'zod';

import type { Db } from '../db.ts';

const Connection = z.object({ id: z.string(), sessionId: z.uuid().nullable(), lastId: z.string() });
export type VisitorConnection = z.output<typeof Connection>;

const Ids = z.object({ id: z.string() }).array();
/** A visitor with more tabs than this sees the newest of them live. */
const MOST_TABS = 20;

export async function insertVisitorConnection(db: Db, id: string): Promise<void> {
  await db`
    insert into chat_connections (id)
    values (${id})
    on conflict (id) do nothing`;
}

export async function findVisitorConnection(
  db: Db,
  id: string,
): Promise<VisitorConnection | undefined> {
  const [row] = await db`
    select id, session_id, last_id
    from chat_connections
    where id = ${id}`;
  return row && Connection.parse(row);
}

/** From now on it is sent what follows `lastId`. Returns false when it is gone or somebody's already. */
export async function authoriseVisitorConnection(
  db: Db,
  { id, sessionId, lastId }: { id: string; sessionId: string; lastId: string },
): Promise<boolean> {
  const { count } = await db`
    update chat_connections
    set session_id = ${sessionId}, last_id = ${lastId}, authorised_at = now()
    where id = ${id} and session_id is null`;
  return count > 0;
}

export async function listVisitorConnections(
  db: Db,
  sessionId: string,
): Promise<VisitorConnection[]> {
  const rows = await db`
    select id, session_id, last_id
    from chat_connections
    where session_id = ${sessionId}
    order by connected_at desc
    limit ${MOST_TABS}`;
  return Connection.array().parse([...rows]);
}

export async function advanceConnection(db: Db, id: string, lastId: string): Promise<void> {
  await db`
    update chat_connections
    set last_id = greatest(last_id, ${lastId})
    where id = ${id}`;
}

export async function deleteVisitorConnections(db: Db, ids: string[]): Promise<void> {
  await db`
    delete from chat_connections
    where id = any(${ids}::text[])`;
}

/** Takes connections out that never said whose they are, to be closed. */
export async function takeSilentVisitors(
  db: Db,
  { silentFor, limit }: { silentFor: string; limit: number },
): Promise<string[]> {
  const rows = await db`
    delete from chat_connections
    where id in (
      select id
      from chat_connections
      where session_id is null
        and connected_at < now() - ${silentFor}::interval
      order by connected_at
      limit ${limit}
      for update skip locked
    )
    returning id`;
  return Ids.parse([...rows]).map(({ id }) => id);
}

/** The admins and programs that hear of every chat. */
export async function listChatListeners(db: Db): Promise<string[]> {
  const rows = await db`
    select socket_connections.id
    from socket_connections
    left join admins on admins.id = socket_connections.admin_id
    where socket_connections.kind = 'chats'
      and socket_connections.authorised_at is not null
      and coalesce(admins.active, true)`;
  return Ids.parse([...rows]).map(({ id }) => id);
}
