import * as z from 'zod';

import type { Db } from '../db.ts';
import type { Admin } from './caller.ts';

/** How long a session lasts; what `user_sessions` also need is to be used. */
export const SESSION_SECONDS = {
  superadmin: 24 * 3600,
  'enterprise admin': 30 * 24 * 3600,
} as const satisfies Record<Admin['kind'], number>;

const IDLE_FOR = '12 hours';
/** Being seen is written down this often: reading a page must not cost a write per request. */
const SEEN_EVERY = '1 minute';

export const AdminRow = z
  .object({
    kind: z.enum(['superadmin', 'enterprise admin']),
    id: z.number(),
    enterpriseNumber: z.string().nullable(),
  })
  .transform(({ kind, id, enterpriseNumber }, context): Admin => {
    if (kind === 'superadmin') return { kind, id };
    if (enterpriseNumber !== null) return { kind, id, enterpriseNumber };
    context.addIssue('an enterprise admin without an enterprise');
    return z.NEVER;
  });

export async function insertSession(db: Db, admin: Admin, tokenHash: Buffer): Promise<void> {
  const lifetime = `${SESSION_SECONDS[admin.kind]} seconds`;
  if (admin.kind === 'superadmin') {
    await db`
      with expired as (
        delete from sessions
        where expires_at < now()
      )
      insert into sessions (token_hash, admin_id, expires_at)
      values (${tokenHash}, ${admin.id}, now() + ${lifetime}::interval)`;
    return;
  }
  await db`
    with expired as (
      delete from user_sessions
      where expires_at < now()
    )
    insert into user_sessions (token_hash, user_id, expires_at)
    values (${tokenHash}, ${admin.id}, now() + ${lifetime}::interval)`;
}

/** Whose session this is, if it is still good. Counts as being seen. */
export async function findSession(db: Db, tokenHash: Buffer): Promise<Admin | undefined> {
  const [row] = await db`
    with seen as (
      update user_sessions
      set last_seen_at = now()
      where token_hash = ${tokenHash}
        and last_seen_at between now() - ${IDLE_FOR}::interval and now() - ${SEEN_EVERY}::interval
    )
    select 'superadmin' as kind, admins.id, null as enterprise_number
    from sessions
    join admins on admins.id = sessions.admin_id
    where sessions.token_hash = ${tokenHash}
      and sessions.expires_at > now()
      and admins.active
    union all
    select 'enterprise admin', users.id, users.enterprise_number
    from user_sessions
    join users on users.id = user_sessions.user_id
    join enterprises on enterprises.number = users.enterprise_number
    where user_sessions.token_hash = ${tokenHash}
      and user_sessions.expires_at > now()
      and user_sessions.last_seen_at > now() - ${IDLE_FOR}::interval
      and users.active
      and enterprises.active`;
  return row && AdminRow.parse(row);
}

export async function deleteSession(db: Db, tokenHash: Buffer): Promise<void> {
  await db`
    with superadmin as (
      delete from sessions
      where token_hash = ${tokenHash}
    )
    delete from user_sessions
    where token_hash = ${tokenHash}`;
}

/** All sessions of a person, but the one to be kept. */
export async function deleteSessionsOf(db: Db, { kind, id }: Admin, kept?: Buffer): Promise<void> {
  const [table, owner] =
    kind === 'superadmin' ? ['sessions', 'admin_id'] : ['user_sessions', 'user_id'];
  await db`
    delete from ${db(table)}
    where ${db(owner)} = ${id}
      and token_hash is distinct from ${kept ?? null}`;
}

/** Is this the secret of an enterprise that is being served? */
export async function isSecretOf(db: Db, number: string, secret: string): Promise<boolean> {
  const [row] = await db`
    select 1
    from enterprises
    where secret = ${secret}
      and number = ${number}
      and active`;
  return row !== undefined;
}

/** Of any active enterprise. */
export async function isAnySecret(db: Db, secret: string): Promise<boolean> {
  const [row] = await db`
    select 1
    from enterprises
    where secret = ${secret}
      and active`;
  return row !== undefined;
}
