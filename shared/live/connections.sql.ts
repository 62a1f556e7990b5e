import * as z from 'zod';

import type { Caller } from '../auth/caller.ts';
import type { Db } from '../db.ts';
import { LiveKind } from './live.schema.ts';

const Connection = z.object({ kind: LiveKind, isAuthorised: z.boolean() });
export type Connection = z.output<typeof Connection>;

const Ids = z.object({ id: z.string() }).array();

export async function insertConnection(db: Db, id: string, kind: LiveKind): Promise<void> {
  await db`
    insert into socket_connections (id, kind)
    values (${id}, ${kind})
    on conflict (id) do nothing`;
}

export async function findConnection(db: Db, id: string): Promise<Connection | undefined> {
  const [row] = await db`
    select kind, authorised_at is not null as is_authorised
    from socket_connections
    where id = ${id}`;
  return row && Connection.parse(row);
}

/** From now on it hears what its owner may hear. Returns false when it is gone or somebody's already. */
export async function authoriseConnection(db: Db, id: string, owner: Caller): Promise<boolean> {
  const { count } = await db`
    update socket_connections
    set admin_id = ${owner.kind === 'superadmin' ? owner.id : null},
        user_id = ${owner.kind === 'enterprise admin' ? owner.id : null},
        enterprise_number = ${'enterpriseNumber' in owner ? owner.enterpriseNumber : null},
        authorised_at = now()
    where id = ${id}
      and authorised_at is null`;
  return count > 0;
}

export async function deleteConnections(db: Db, ids: string[]): Promise<void> {
  await db`
    delete from socket_connections
    where id = any(${ids}::text[])`;
}

/** Takes connections out that never said who they are, to be closed. */
export async function takeSilentConnections(
  db: Db,
  { silentFor, limit }: { silentFor: string; limit: number },
): Promise<string[]> {
  const rows = await db`
    delete from socket_connections
    where id in (
      select id
      from socket_connections
      where authorised_at is null
        and connected_at < now() - ${silentFor}::interval
      order by connected_at
      limit ${limit}
      for update skip locked
    )
    returning id`;
  return Ids.parse([...rows]).map(({ id }) => id);
}

const Audience = z.object({
  enterpriseNumber: z.string(),
  mergedInto: z.string().nullable(),
  connectionIds: z.array(z.string()),
});
export type Audience = z.output<typeof Audience>;

/**
 * Who hears of a call; nothing when it has not changed for so long that nobody needs to. Who has lost the right to
 * hear hears no more, though the connection stays until the gateway ends it.
 */
export async function findAudience(
  db: Db,
  callId: string,
  { changedWithin }: { changedWithin: string },
): Promise<Audience | undefined> {
  const [row] = await db`
    select
      calls.enterprise_number,
      calls.merged_into,
      array(
        select socket_connections.id
        from socket_connections
        left join admins on admins.id = socket_connections.admin_id
        left join users on users.id = socket_connections.user_id
        where socket_connections.kind = 'calls'
          and socket_connections.authorised_at is not null
          and (
            socket_connections.enterprise_number = calls.enterprise_number
            or socket_connections.enterprise_number is null
          )
          and coalesce(admins.active, users.active, true)
      ) as connection_ids
    from calls
    where calls.id = ${callId}::uuid
      and calls.updated_at > now() - ${changedWithin}::interval`;
  return row && Audience.parse(row);
}

/** The enterprise whose secret this is, if it is being served. */
export async function findEnterpriseBySecret(db: Db, secret: string): Promise<string | undefined> {
  const [row] = await db`
    select number
    from enterprises
    where secret = ${secret}
      and active`;
  return row && z.object({ number: z.string() }).parse(row).number;
}
