import * as z from 'zod';

import type { Db, Transaction } from '../db.ts';
import type { Admin } from './caller.ts';

const Person = z.object({
  kind: z.enum(['superadmin', 'enterprise admin']),
  id: z.number(),
  login: z.string(),
  name: z.string().nullable(),
  passwordHash: z.string(),
  enterpriseNumber: z.string().nullable(),
  enterpriseName: z.string().nullable(),
  timezone: z.string().nullable(),
});
/** Somebody with a login. */
export type Person = z.output<typeof Person>;

export async function findPersonByLogin(db: Db, login: string): Promise<Person | undefined> {
  const [row] = await db`
    ${people(db)}
    where lower(login) = lower(${login})
    limit 1`;
  return row && Person.parse(row);
}

export async function findPerson(db: Db, { kind, id }: Admin): Promise<Person | undefined> {
  const [row] = await db`
    ${people(db)}
    where kind = ${kind}
      and id = ${id}`;
  return row && Person.parse(row);
}

function people(db: Db) {
  return db`
    select kind, id, login, name, password_hash, enterprise_number, enterprise_name, timezone
    from (
      select 'superadmin' as kind, id, login, name, password_hash, null as enterprise_number,
        null as enterprise_name, null as timezone
      from admins
      where active
      union all
      select 'enterprise admin', users.id, users.login, users.name, users.password_hash, users.enterprise_number,
        enterprises.name, enterprises.timezone
      from users
      join enterprises on enterprises.number = users.enterprise_number
      where users.active
        and enterprises.active
    ) as people`;
}

export async function updatePassword(db: Db, { kind, id }: Admin, hash: string): Promise<void> {
  await db`
    update ${db(kind === 'superadmin' ? 'admins' : 'users')}
    set password_hash = ${hash}, updated_at = now()
    where id = ${id}`;
}

export type NewPerson = {
  login: string;
  name?: string | null;
  passwordHash: string;
  /** Undefined makes a superadmin. */
  enterpriseNumber?: string | undefined;
};

/**
 * A login is one person's, whichever table holds it: the lock keeps two from taking it at once. Returns false when it
 * is taken.
 */
export async function insertPerson(tx: Transaction, person: NewPerson): Promise<boolean> {
  const { login, name = null, passwordHash, enterpriseNumber } = person;
  await tx`select pg_advisory_xact_lock(hashtextextended('logins', 0))`;
  const [taken] = await tx`
    select 1
    from (select login from admins union all select login from users) as logins
    where lower(login) = lower(${login})`;
  if (taken) return false;
  if (enterpriseNumber === undefined) {
    await tx`
      insert into admins (login, name, password_hash)
      values (${login}, ${name}, ${passwordHash})`;
  } else {
    await tx`
      insert into users (enterprise_number, login, name, password_hash)
      values (${enterpriseNumber}, ${login}, ${name}, ${passwordHash})`;
  }
  return true;
}
