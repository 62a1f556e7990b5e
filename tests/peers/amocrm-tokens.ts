import { randomUUID } from 'node:crypto';

import type { Account } from './amocrm-account.ts';
import { problem, tokenProblem } from './amocrm-answers.ts';
import { TokenRequest } from './amocrm-formats.ts';
import { Refusal } from './peer.ts';

const ACCESS_SECONDS = 86_400;

/** Refuses a request whose access token is unknown, revoked or older than a day. */
export function checkToken(account: Account, header: string | undefined, now: number): void {
  const token = /^Bearer (\S+)$/.exec(header ?? '')?.[1] ?? '';
  if (account.longLived.has(token)) return;
  if ((account.access.get(token) ?? 0) > now) return;
  throw new Refusal(
    problem(401, 'Unauthorized', token ? 'Token is invalid or has expired' : 'No token'),
  );
}

/** Gives out a new pair for a refresh token. Used a second time it takes the newer pair down with it. */
export function rotate(
  account: Account,
  value: unknown,
  { sequence, at }: { sequence: number; at: number },
) {
  const request = TokenRequest.safeParse(value);
  if (!request.success) throw tokenProblem(400, 'Некорректный запрос');
  const { client_id, client_secret, redirect_uri, refresh_token } = request.data;
  if (client_id !== account.clientId || client_secret !== account.clientSecret)
    throw tokenProblem(401, 'Некорректный клиент');
  if (redirect_uri !== account.redirectUri) throw tokenProblem(401, 'Некорректный запрос');
  if (account.spent.has(refresh_token)) {
    account.reused += 1;
    revoke(account);
  }
  if (refresh_token !== account.refresh || account.refresh === '')
    throw tokenProblem(401, 'Некорректный запрос', 'Token has been revoked');

  account.spent.add(refresh_token);
  account.refresh = `refresh-${randomUUID()}`;
  const access = `access-${randomUUID()}`;
  account.access = new Map([[access, at + ACCESS_SECONDS * 1000]]);
  account.rotations.push({ sequence, at });
  return {
    token_type: 'Bearer',
    expires_in: ACCESS_SECONDS,
    server_time: Math.floor(at / 1000),
    access_token: access,
    refresh_token: account.refresh,
  };
}

/** Every access token ends now; the refresh token still works. */
export function expire(account: Account): void {
  account.access.clear();
}

/** The owner has switched the integration off: nothing of OAuth works any more. */
export function revoke(account: Account): void {
  expire(account);
  account.revoked.add(account.refresh);
  account.refresh = '';
}
