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

const Audience = z.object({ enterpriseNumber: z.string(), connectionIds: z.array(z.string()) });
const CallAudience = Audience.extend({ mergedInto: z.string().nullable() });
export type Audience = z.output<typeof Audience>;
export type CallAudience = z.output<typeof CallAudience>;

/**
 * Who hears of a call; nothing when it has not changed for so long that nobody needs to. Who has lost the right to
 * hear hears no more, though the connection stays until the gateway ends it.
 */
export async function findAudience(
  db: Db,
  callId: string,
  { changedWithin }: { changedWithin: string },
): Promise<CallAudience | undefined> {
  const [row] = await db`
    select
      calls.enterprise_number,
      calls.merged_into,
      ${listeners(db, 'calls', db`calls.enterprise_number`)} as connection_ids
    from calls
    where calls.id = ${callId}::uuid
      and calls.updated_at > now() - ${changedWithin}::interval`;
  return row && CallAudience.parse(row);
}

/** Who hears of a delivery; nothing when it has not changed for so long that nobody needs to. */
export async function findDeliveryAudience(
  db: Db,
  deliveryId: string,
  { changedWithin }: { changedWithin: string },
): Promise<Audience | undefined> {
  const [row] = await db`
    select
      enterprise_number,
      ${listeners(db, 'deliveries', db`deliveries.enterprise_number`)} as connection_ids
    from deliveries
    where id = ${deliveryId}::bigint
      and updated_at > now() - ${changedWithin}::interval`;
  return row && Audience.parse(row);
}

/** Whether anybody listens to the deliveries of an enterprise: mostly nobody does, and nothing need be sent. */
export async function areDeliveriesHeard(db: Db, enterpriseNumber: string): Promise<boolean> {
  const [row] = await db`
    select 1
    from socket_connections
    where kind = 'deliveries'
      and authorised_at is not null
      and (enterprise_number = ${enterpriseNumber} or enterprise_number is null)
    limit 1`;
  return row !== undefined;
}

/** A column with the connections that hear something of the enterprise in this column, or of all. */
function listeners(db: Db, kind: LiveKind, enterpriseNumber: ReturnType<Db>) {
  return db`
    array(
      select socket_connections.id
      from socket_connections
      left join admins on admins.id = socket_connections.admin_id
      left join users on users.id = socket_connections.user_id
      where socket_connections.kind = ${kind}
        and socket_connections.authorised_at is not null
        and (
          socket_connections.enterprise_number = ${enterpriseNumber}
          or socket_connections.enterprise_number is null
        )
        and coalesce(admins.active, users.active, true)
    )`;
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
