import type * as z from 'zod';

import { insertAudit } from '../audit/audit.sql.ts';
import { type DoneBy, doneBy } from '../audit/done-by.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import type { HttpRequest } from '../lambda/http-event.ts';
import type { Route } from '../lambda/http.ts';
import { guardedRoute, route } from '../lambda/route.ts';
import { changePassword, getMe, logIn, logOut, type Me, takeSocketTicket } from './auth.schema.ts';
import { adminOf } from './caller.ts';
import { clientNetwork } from './client-network.ts';
import { endedSessionCookie, sessionCookie, sessionTokenOf } from './cookie.ts';
import { createLogin } from './login.ts';
import { findPerson, type Person } from './people.sql.ts';
import { deleteSession, deleteSessionsOf, SESSION_SECONDS } from './sessions.sql.ts';
import { insertTicket, TICKET_SECONDS } from './socket-tickets.sql.ts';
import { hashToken, newToken } from './tokens.ts';

type Dependencies = {
  db: Pool;
  adminOrigins: ReadonlySet<string>;
  trustedProxies: number;
  /** Of the gateway's WebSocket API. */
  websocketUrl: string;
};

const done = { status: 200, body: { success: true } };

export function authRoutes({
  db,
  adminOrigins,
  trustedProxies,
  websocketUrl,
}: Dependencies): Route[] {
  const login = createLogin({ db });

  return [
    route(logIn, async ({ body, ...request }) => {
      refuseOtherOrigins(request);
      const network = clientNetwork(request, trustedProxies);
      const by = (who: DoneBy['who']) => doneBy(request, who);
      const { person, token } = await login.logIn({ ...body, network, by });
      const cookie = sessionCookie(token, SESSION_SECONDS[person.kind]);
      const headers = { 'set-cookie': cookie, 'cache-control': 'no-store' };
      return { status: 200, body: toMe(person), headers };
    }),

    guardedRoute(logOut, async ({ body, ...request }, caller) => {
      const admin = adminOf(caller);
      await db.begin(async (tx) => {
        if (body.everywhere) await deleteSessionsOf(tx, admin);
        else await deleteSession(tx, hashToken(sessionTokenOf(request) ?? ''));
        await insertAudit(tx, doneBy(request, caller), {
          action: body.everywhere ? 'logout.everywhere' : 'logout',
          enterpriseNumber: admin.kind === 'superadmin' ? null : admin.enterpriseNumber,
        });
      });
      return { ...done, headers: { 'set-cookie': endedSessionCookie } };
    }),

    guardedRoute(getMe, async (_request, caller) => {
      const person = await findPerson(db, adminOf(caller));
      if (!person) throw new AppError('unauthorized', 'Вход не выполнен');
      return { status: 200, body: toMe(person) };
    }),

    guardedRoute(changePassword, async ({ body, ...request }, caller) => {
      await login.changePassword(adminOf(caller), {
        current: body.current_password,
        next: body.new_password,
        network: clientNetwork(request, trustedProxies),
        sessionToken: sessionTokenOf(request) ?? '',
        by: (who) => doneBy(request, who),
      });
      return done;
    }),

    guardedRoute(takeSocketTicket, async (_request, caller) => {
      const ticket = newToken();
      await insertTicket(db, adminOf(caller), hashToken(ticket));
      return {
        status: 200,
        body: { ticket, expires_in: TICKET_SECONDS, websocket_url: websocketUrl },
      };
    }),
  ];

  /** Nobody may log a visitor of their page in as somebody else. Programs send no Origin. */
  function refuseOtherOrigins({ headers }: Pick<HttpRequest, 'headers'>): void {
    const origin = headers['origin'];
    if (origin === undefined || adminOrigins.has(origin)) return;
    throw new AppError('forbidden', 'Доступ запрещен');
  }
}

function toMe(person: Person): z.output<typeof Me> {
  const { login, name, kind, enterpriseNumber, enterpriseName, timezone } = person;
  const enterprise = enterpriseNumber !== null &&
    enterpriseName !== null &&
    timezone !== null && { number: enterpriseNumber, name: enterpriseName, timezone };
  return {
    login,
    name,
    role: kind === 'superadmin' ? 'superadmin' : 'enterprise',
    enterprise: enterprise || null,
  };
}
