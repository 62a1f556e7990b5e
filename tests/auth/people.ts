import type { Admin } from '../../shared/auth/caller.ts';
import { hashPassword } from '../../shared/auth/passwords.ts';
import { findPersonByLogin, insertPerson } from '../../shared/auth/people.sql.ts';
import { insertSession } from '../../shared/auth/sessions.sql.ts';
import { hashToken, newToken } from '../../shared/auth/tokens.ts';
import type { Pool } from '../../shared/db.ts';

export const PASSWORD = 'correct horse battery';
/** Made once: it is slow on purpose. */
const passwordHash = hashPassword(PASSWORD);

/** Somebody with the password above: a superadmin, or an admin of this enterprise. */
export async function insertLogin(
  db: Pool,
  login: string,
  enterpriseNumber?: string,
): Promise<Admin> {
  const hash = await passwordHash;
  await db.begin((tx) => insertPerson(tx, { login, passwordHash: hash, enterpriseNumber }));
  const person = await findPersonByLogin(db, login);
  if (!person) throw new Error(`${login} was not made`);
  return enterpriseNumber === undefined
    ? { kind: 'superadmin', id: person.id }
    : { kind: 'enterprise admin', id: person.id, enterpriseNumber };
}

/** The token of a new session. */
export async function startSession(db: Pool, admin: Admin): Promise<string> {
  const token = newToken();
  await insertSession(db, admin, hashToken(token));
  return token;
}
