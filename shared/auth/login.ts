import { type Pool, repeatOnDeadConnection } from '../db.ts';
import { AppError } from '../errors.ts';
import { beginAttempt, forgetAttempt } from './attempts.sql.ts';
import type { Admin } from './caller.ts';
import { NOBODYS_HASH, hashPassword, verifyPassword } from './passwords.ts';
import { findPerson, findPersonByLogin, type Person, updatePassword } from './people.sql.ts';
import { deleteSessionsOf, insertSession } from './sessions.sql.ts';
import { hashToken, newToken } from './tokens.ts';

/** Logging in and changing the password: whatever a password is guessed against, and so is limited. */
export function createLogin({ db }: { db: Pool }) {
  return {
    /** @throws AppError 401 unknown login or wrong password, which nobody can tell apart; 429 too many failures */
    async logIn({ login, password, network }: { [K in 'login' | 'password' | 'network']: string }) {
      return limited(login, network, async () => {
        const person = await findPersonByLogin(db, login);
        const isRight = await verifyPassword(password, person?.passwordHash ?? NOBODYS_HASH);
        if (!person || !isRight) throw new AppError('unauthorized', 'Неверный логин или пароль');
        const token = newToken();
        await insertSession(db, toAdmin(person), hashToken(token));
        return { person, token };
      });
    },

    /** Ends every other session of the person. @throws AppError 422 the current password is wrong; 429 */
    async changePassword(
      admin: Admin,
      { current, next, network, sessionToken }: PasswordChange,
    ): Promise<void> {
      const person = await findPerson(db, admin);
      if (!person) throw new AppError('forbidden', 'Доступ запрещен');
      await limited(person.login, network, async () => {
        if (!(await verifyPassword(current, person.passwordHash))) throw wrongCurrentPassword();
      });
      const hash = await hashPassword(next);
      await db.begin(async (tx) => {
        await updatePassword(tx, admin, hash);
        await deleteSessionsOf(tx, admin, hashToken(sessionToken));
      });
    },
  };

  /** Counts as a failure unless `attempt` comes to an end. */
  async function limited<T>(login: string, network: string, attempt: () => Promise<T>): Promise<T> {
    const keys = [`login:${login.toLowerCase()}`, `network:${network}`].map(hashToken);
    const begun = await repeatOnDeadConnection(() => beginAttempt(db, keys));
    if (!begun.allowed) {
      throw new AppError('too_many', 'Слишком много попыток входа, попробуйте позже', {
        retryAfterSeconds: begun.afterSeconds,
      });
    }
    const result = await attempt();
    await forgetAttempt(db, begun.ids);
    return result;
  }
}

type PasswordChange = { [K in 'current' | 'next' | 'network' | 'sessionToken']: string };

function toAdmin({ kind, id, enterpriseNumber }: Person): Admin {
  if (kind === 'superadmin') return { kind, id };
  return { kind, id, enterpriseNumber: enterpriseNumber ?? '' };
}

function wrongCurrentPassword(): AppError {
  const message = 'Неверный пароль';
  return new AppError('unprocessable', message, {
    errors: [{ path: 'current_password', message }],
  });
}
