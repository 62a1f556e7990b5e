import { afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { Admin } from '../../shared/auth/caller.ts';
import { redeemTicket } from '../../shared/auth/socket-tickets.sql.ts';
import { hashToken } from '../../shared/auth/tokens.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';
import { createAsking } from './asking.ts';
import { insertLogin, PASSWORD, startSession } from './people.ts';

const { db } = useDatabase();
const ask = createAsking(db);
let superadmin: Admin;
let own: Admin;

beforeAll(async () => {
  await insertEnterprise(db);
  superadmin = await insertLogin(db, 'Root');
  own = await insertLogin(db, 'june', NUMBER);
});
afterEach(() => db`truncate login_failures, sessions, user_sessions`);

const logIn = (login: string, password: string, sourceIp = '192.0.2.1') =>
  ask({ method: 'POST', path: '/api/auth/login', body: { login, password }, sourceIp });
const me = async (session: string) => (await ask({ path: '/api/auth/me', session })).status;
const tokenIn = (headers: object): string =>
  /session_token=([\w-]+)/.exec(JSON.stringify(headers))?.[1] ?? '';

describe('logging in', () => {
  test('gives a cookie that scripts cannot read and other sites cannot use', async () => {
    const answer = await logIn('june', PASSWORD);
    expect(answer.json).toEqual({
      login: 'june',
      name: null,
      role: 'enterprise',
      enterprise: { number: NUMBER, name: `name ${NUMBER}`, timezone: 'Europe/Minsk' },
    });
    expect(answer.headers['set-cookie']).toMatch(
      /^session_token=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict; Max-Age=2592000$/,
    );
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await me(tokenIn(answer.headers))).toBe(200);
  });

  test('knows a login in any case', async () => {
    const answer = await logIn(' rOOt ', PASSWORD);
    expect(answer.json).toEqual({
      login: 'Root',
      name: null,
      role: 'superadmin',
      enterprise: null,
    });
  });

  test('keeps the token to itself: what is stored does not open anything', async () => {
    const token = tokenIn((await logIn('june', PASSWORD)).headers);
    const [row] = await db`select token_hash from user_sessions`;
    expect(row?.['tokenHash']).toEqual(hashToken(token));
    expect(await me(hashToken(token).toString('base64url'))).toBe(401);
  });

  test.each([
    ['an unknown login', 'nobody', PASSWORD],
    ['a wrong password', 'june', 'wrong'],
    ['an empty-looking one', 'june', ' '],
  ])('%s gets the same answer', async (_what, login, password) => {
    const answer = await logIn(login, password);
    expect([answer.status, answer.json]).toEqual([401, { detail: 'Неверный логин или пароль' }]);
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });

  test.each([
    [
      'who is switched off',
      () => db`update users set active = false`,
      () => db`update users set active = true`,
    ],
    [
      'of an enterprise that is switched off',
      () => db`update enterprises set active = false`,
      () => db`update enterprises set active = true`,
    ],
  ])('somebody %s is nobody, also in a session', async (_who, off, on) => {
    const token = await startSession(db, own);
    await off();
    const statuses = [(await logIn('june', PASSWORD)).status, await me(token)];
    await on();
    expect(statuses).toEqual([401, 401]);
  });

  test('takes as long for an unknown login as for a wrong password', async () => {
    const time = async (login: string, index: number) => {
      const began = performance.now();
      await logIn(login, 'wrong', `192.0.2.${index}`);
      return performance.now() - began;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let index = 0; index < 4; index += 1) {
      known.push(await time('june', index));
      unknown.push(await time(`nobody${index}`, index));
    }
    // The hash is nearly all of it: without one it would be a hundredth.
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 2);
  });

  test('is not for the pages of others', async () => {
    const answer = await ask({
      method: 'POST',
      path: '/api/auth/login',
      body: { login: 'june', password: PASSWORD },
      headers: { origin: 'https://evil.example.com' },
    });
    expect(answer.status).toBe(403);
  });

  test.each([
    ['no JSON', 'login=june', 400],
    ['nothing', undefined, 422],
    ['no password', { login: 'june' }, 422],
    ['a password without end', { login: 'june', password: 'x'.repeat(10_000) }, 422],
  ])('%s is told what is wrong', async (_what, body, status) => {
    expect((await ask({ method: 'POST', path: '/api/auth/login', body })).status).toBe(status);
  });

  test('survives what Postgres cannot store', async () => {
    expect((await logIn('ju\0ne', PASSWORD)).status).toBe(200);
  });
});

describe('five failures in 15 minutes are enough', () => {
  test('for a login, from wherever they come, known or not, right password or not', async () => {
    for (const login of ['june', 'nobody']) {
      for (let index = 0; index < 5; index += 1) {
        expect((await logIn(login, 'wrong', `192.0.2.${index}`)).status).toBe(401);
      }
      const answer = await logIn(login, PASSWORD, '192.0.2.99');
      expect(answer.status).toBe(429);
      const seconds = Number(answer.headers['retry-after']);
      expect(seconds).toBeGreaterThan(14 * 60);
      expect(seconds).toBeLessThanOrEqual(15 * 60);
    }
    expect((await logIn('root', PASSWORD, '192.0.2.99')).status).toBe(200);
  });

  test('for a network, whatever the logins', async () => {
    for (let index = 0; index < 5; index += 1) await logIn(`nobody${index}`, 'wrong');
    expect((await logIn('june', PASSWORD)).status).toBe(429);
    expect((await logIn('june', PASSWORD, '192.0.2.2')).status).toBe(200);
  });

  test('also when they come all at once', async () => {
    const many = Array.from({ length: 12 }, (_, index) =>
      logIn('june', 'wrong', `192.0.2.${index}`),
    );
    const statuses = (await Promise.all(many)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(7);
  });

  test('a blocked network cannot block a login', async () => {
    for (let index = 0; index < 5; index += 1) await logIn(`nobody${index}`, 'wrong');
    for (let index = 0; index < 10; index += 1) await logIn('june', 'wrong');
    expect((await logIn('june', PASSWORD, '192.0.2.2')).status).toBe(200);
  });

  test('successes do not count', async () => {
    for (let index = 0; index < 7; index += 1) {
      expect((await logIn('june', PASSWORD)).status).toBe(200);
    }
  });

  test('and are forgotten one by one', async () => {
    for (let index = 0; index < 5; index += 1) await logIn('june', 'wrong');
    await db`
      update login_failures
      set failed_at = failed_at - interval '15 minutes'
      where id in (select min(id) from login_failures group by key)`;
    expect((await logIn('june', 'wrong')).status).toBe(401);
    expect((await logIn('june', PASSWORD)).status).toBe(429);
  });

  test('nothing that is kept of them names anybody', async () => {
    await logIn('june', 'wrong', '192.0.2.77');
    const rows = JSON.stringify(await db`select * from login_failures`);
    expect(rows).not.toMatch(/june|192\.0\.2\.77/);
  });
});

describe('a session', () => {
  test('of an enterprise admin ends after 12 hours without use, and lives on with it', async () => {
    const token = await startSession(db, own);
    await db`update user_sessions set last_seen_at = now() - interval '11 hours 59 minutes'`;
    expect(await me(token)).toBe(200);
    const [row] =
      await db`select last_seen_at > now() - interval '1 minute' as seen from user_sessions`;
    expect(row?.['seen']).toBe(true);
    await db`update user_sessions set last_seen_at = now() - interval '12 hours 1 second'`;
    expect(await me(token)).toBe(401);
  });

  test.each([
    ['superadmin', 24],
    ['enterprise admin', 30 * 24],
  ])('of a %s ends after %d hours', async (kind, hours) => {
    const token = await startSession(db, kind === 'superadmin' ? superadmin : own);
    const table = db(kind === 'superadmin' ? 'sessions' : 'user_sessions');
    const move = (by: string) => db`update ${table} set expires_at = expires_at - ${by}::interval`;
    await move(`${hours} hours -1 minute`);
    expect(await me(token)).toBe(200);
    await move('1 minute');
    expect(await me(token)).toBe(401);
  });

  test('ends with a logout, and only that one', async () => {
    const [one, other] = [await startSession(db, own), await startSession(db, own)];
    const answer = await ask({ method: 'POST', path: '/api/auth/logout', session: one });
    expect(answer.headers['set-cookie']).toMatch(/^session_token=;.*Max-Age=0$/);
    expect([await me(one), await me(other)]).toEqual([401, 200]);
  });

  test('ends everywhere when that is asked for', async () => {
    const [one, other, rootToken] = [
      await startSession(db, own),
      await startSession(db, own),
      await startSession(db, superadmin),
    ];
    await ask({
      method: 'POST',
      path: '/api/auth/logout',
      session: one,
      body: { everywhere: true },
    });
    expect([await me(one), await me(other), await me(rootToken)]).toEqual([401, 401, 200]);
  });
});

describe('the password', () => {
  const change = (session: string, current: string, next: string) =>
    ask({
      method: 'POST',
      path: '/api/auth/password',
      session,
      body: { current_password: current, new_password: next },
    });

  test('is changed by who knows it, and other sessions end', async () => {
    const [one, other] = [await startSession(db, own), await startSession(db, own)];
    expect((await change(one, PASSWORD, 'another good password')).status).toBe(200);
    expect([await me(one), await me(other)]).toEqual([200, 401]);
    expect((await logIn('june', PASSWORD)).status).toBe(401);
    expect((await logIn('june', 'another good password')).status).toBe(200);
    expect((await change(one, 'another good password', PASSWORD)).status).toBe(200);
  });

  test('is not guessed in a stolen session', async () => {
    const token = await startSession(db, own);
    for (let index = 0; index < 5; index += 1) {
      const answer = await change(token, 'wrong', 'another good password');
      expect(answer.status).toBe(422);
      expect(answer.json).toMatchObject({ errors: [{ path: 'current_password' }] });
    }
    expect((await change(token, PASSWORD, 'another good password')).status).toBe(429);
  });

  test('must be long enough', async () => {
    const answer = await change(await startSession(db, own), PASSWORD, 'short');
    expect(answer.json).toMatchObject({ errors: [{ path: 'new_password' }] });
  });
});

describe('a socket ticket', () => {
  const take = async (session: string): Promise<string> => {
    const { json } = await ask({ method: 'POST', path: '/api/auth/socket-ticket', session });
    return (json as { ticket: string }).ticket;
  };

  test('says whose it is, once', async () => {
    for (const admin of [own, superadmin]) {
      const ticket = hashToken(await take(await startSession(db, admin)));
      expect(await redeemTicket(db, ticket)).toEqual(admin);
      expect(await redeemTicket(db, ticket)).toBeUndefined();
    }
  });

  test('is good for a minute', async () => {
    const ticket = hashToken(await take(await startSession(db, own)));
    await db`update socket_tickets set expires_at = expires_at - interval '1 minute'`;
    expect(await redeemTicket(db, ticket)).toBeUndefined();
  });

  test('two at once do not both get in', async () => {
    const ticket = hashToken(await take(await startSession(db, own)));
    const both = await Promise.all([redeemTicket(db, ticket), redeemTicket(db, ticket)]);
    expect(both.filter(Boolean)).toHaveLength(1);
  });
});
