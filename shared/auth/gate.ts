import { insertAudit } from '../audit/audit.sql.ts';
import { doneBy } from '../audit/done-by.ts';
import type { Contract } from '../contract.ts';
import { type Pool, repeatOnDeadConnection } from '../db.ts';
import { AppError } from '../errors.ts';
import type { HttpRequest } from '../lambda/http-event.ts';
import type { Gate } from '../lambda/http.ts';
import type { Admin, Caller } from './caller.ts';
import { sessionTokenOf } from './cookie.ts';
import { findSession, isSecretOf } from './sessions.sql.ts';
import { hashToken } from './tokens.ts';

type Dependencies = {
  db: Pool;
  /** Where the admin's pages live: only they may write by cookie. */
  adminOrigins: ReadonlySet<string>;
};

/** Lets in whom the contract lets in. Nobody, an expired session and a stranger's get the same answer. */
export function createGate({ db, adminOrigins }: Dependencies): Gate {
  return Object.assign(admit, { note });

  async function admit(contract: Contract, request: HttpRequest): Promise<Caller> {
    const caller = await findCaller(contract, request);
    if (caller) return caller;
    // Only a route that promises a 401 tells "not logged in" from "not allowed".
    if (contract.answers[401]) throw new AppError('unauthorized', 'Вход не выполнен');
    throw new AppError('forbidden', 'Доступ запрещен');
  }

  /** Of programs only what they change of the settings would be of interest, and they change none. */
  async function note(contract: Contract, request: HttpRequest, caller: Caller): Promise<void> {
    if (caller.kind === 'program') return;
    const { number, ...params } = request.params;
    await insertAudit(db, doneBy(request, caller), {
      action: `${contract.method} ${contract.path}`,
      enterpriseNumber: number ?? null,
      subject: Object.values(params).join(' ') || null,
    });
  }

  async function findCaller({ auth }: Contract, request: HttpRequest): Promise<Caller | undefined> {
    const number = request.params['number'] ?? '';
    if (auth === 'enterprise or secret') {
      const secret = secretOf(request);
      if (secret !== undefined) {
        const isKnown = await repeatOnDeadConnection(() => isSecretOf(db, number, secret));
        return isKnown ? { kind: 'program', enterpriseNumber: number } : undefined;
      }
    }
    const sessionToken = sessionTokenOf(request);
    if (!sessionToken || !isFromOurPages(request)) return undefined;
    switch (auth) {
      case 'enterprise':
      case 'enterprise or secret':
        return (await isAuthorizedForEnterprise(db, sessionToken, number)) || undefined;
      case 'superadmin':
      case 'session': {
        const admin = await sessionOf(db, sessionToken);
        return auth === 'session' || admin?.kind === 'superadmin' ? admin : undefined;
      }
      case 'none':
      case 'box token':
      case 'visitor':
        return undefined;
    }
  }

  /** A browser sends the cookie along with whatever a page asks for; for a write the page must be ours. */
  function isFromOurPages({ method, headers }: HttpRequest): boolean {
    return method === 'GET' || adminOrigins.has(headers['origin'] ?? '');
  }
}

/** The one rule for everything that belongs to an enterprise: whose session it is when they may, else false. */
export async function isAuthorizedForEnterprise(
  db: Pool,
  sessionToken: string,
  number: string,
): Promise<Admin | false> {
  const admin = await sessionOf(db, sessionToken);
  if (!admin) return false;
  return admin.kind === 'superadmin' || admin.enterpriseNumber === number ? admin : false;
}

/** The first query of most requests: it is the one to meet a connection that died while the instance was frozen. */
function sessionOf(db: Pool, sessionToken: string): Promise<Admin | undefined> {
  return repeatOnDeadConnection(() => findSession(db, hashToken(sessionToken)));
}

/** In the address only for reading: addresses are kept in logs and histories. */
function secretOf({ method, headers, query }: HttpRequest): string | undefined {
  const [, bearer] = /^Bearer +(.+)$/i.exec(headers['authorization'] ?? '') ?? [];
  return bearer?.trim() ?? (method === 'GET' ? query['clientId'] : undefined);
}
