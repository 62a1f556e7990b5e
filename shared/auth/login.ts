import { insertAudit } from '../audit/audit.sql.ts';
import type { DoneBy } from '../audit/done-by.ts';
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
    async logIn({ login, password, network, by }: LogIn) {
      return limited(login, network, async () => {
        const person = await findPersonByLogin(db, login);
        const isRight = await verifyPassword(password, person?.passwordHash ?? NOBODYS_HASH);
        const { enterpriseNumber = null } = person ?? {};
        if (!person || !isRight) {
          // What nobody is called may be a password that went into the wrong field.
          const nobody = by({ kind: 'nobody', login: person?.login });
          await insertAudit(db, nobody, { action: 'login.failed', enterpriseNumber });
          throw new AppError('unauthorized', 'Неверный логин или пароль');
        }
        const token = newToken();
        await db.begin(async (tx) => {
          await insertSession(tx, toAdmin(person), hashToken(token));
          await insertAudit(tx, by(toAdmin(person)), { action: 'login', enterpriseNumber });
        });
        return { person, token };
      });
    },

    /** Ends every other session of the person. @throws AppError 422 the current password is wrong; 429 */
    async changePassword(
      admin: Admin,
      { current, next, network, sessionToken, by }: PasswordChange,
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
        await insertAudit(tx, by(admin), {
          action: 'password.change',
          enterpriseNumber: person.enterpriseNumber,
        });
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

/** Names who turns out to do it, for the audit log. */
type By = (who: DoneBy['who']) => DoneBy;
type LogIn = { [K in 'login' | 'password' | 'network']: string } & { by: By };
type PasswordChange = { [K in 'current' | 'next' | 'network' | 'sessionToken']: string } & {
  by: By;
};

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
