import * as z from 'zod';

import type { Db, Transaction } from '../db.ts';
import type { User } from './users.schema.ts';

const UserRow = z
  .object({
    id: z.number(),
    login: z.string(),
    name: z.string().nullable(),
    active: z.boolean(),
    createdAt: z.date(),
    lastSeenAt: z.date().nullable(),
  })
  .transform(({ createdAt, lastSeenAt, ...row }): User => ({
    ...row,
    created_at: createdAt.toISOString(),
    last_seen_at: lastSeenAt?.toISOString() ?? null,
  }));

export async function listUsers(db: Db, enterpriseNumber: string): Promise<User[]> {
  const rows = await db`
    select ${columns(db)}
    from users
    where enterprise_number = ${enterpriseNumber}
    order by lower(login)`;
  return UserRow.array().parse([...rows]);
}

/** Nobody else changes this one until the transaction ends. */
export async function lockUser(
  tx: Transaction,
  enterpriseNumber: string,
  id: number,
): Promise<User | undefined> {
  const [row] = await tx`
    select ${columns(tx)}
    from users
    where enterprise_number = ${enterpriseNumber}
      and id = ${id}
    for update`;
  return row && UserRow.parse(row);
}

export async function findUserByLogin(tx: Transaction, login: string): Promise<User | undefined> {
  const [row] = await tx`
    select ${columns(tx)}
    from users
    where lower(login) = lower(${login})`;
  return row && UserRow.parse(row);
}

/** What is undefined stays as it is. */
export type UserChanges = {
  name?: string | null | undefined;
  active?: boolean | undefined;
  passwordHash?: string | undefined;
};

export async function updateUser(
  tx: Transaction,
  id: number,
  { name, active, passwordHash }: UserChanges,
): Promise<User> {
  const [row] = await tx`
    update users
    set updated_at = now()
      ${name === undefined ? tx`` : tx`, name = ${name}`}
      ${active === undefined ? tx`` : tx`, active = ${active}`}
      ${passwordHash === undefined ? tx`` : tx`, password_hash = ${passwordHash}`}
    where id = ${id}
    returning ${columns(tx)}`;
  return UserRow.parse(row);
}

export async function deleteUser(tx: Transaction, id: number): Promise<void> {
  await tx`
    delete from users
    where id = ${id}`;
}

function columns(db: Db) {
  return db`
    users.id, users.login, users.name, users.active, users.created_at,
    (select max(last_seen_at) from user_sessions where user_sessions.user_id = users.id) as last_seen_at`;
}
