import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';

import type { Admin } from '../../shared/auth/caller.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';
import { createAsking } from './asking.ts';
import { insertLogin, PASSWORD, startSession } from './people.ts';

const { db } = useDatabase();
const ask = createAsking(db);
const path = `/enterprise/${NUMBER}/users`;
let june: Admin;
let session = '';

beforeAll(async () => {
  await insertEnterprise(db);
  await insertEnterprise(db, { number: '0368', token: '375290000002' });
});
beforeEach(async () => {
  await db`truncate users, user_sessions, audit_log, login_failures, socket_tickets, socket_connections`;
  june = await insertLogin(db, 'june', NUMBER);
  session = await startSession(db, june);
});

const Made = z.object({ id: z.number(), login: z.string(), password: z.string().nullable() });
const make = async (body: object) =>
  Made.parse((await ask({ method: 'POST', path, session, body })).json);
const change = (id: number, body: object) =>
  ask({ method: 'PATCH', path: `${path}/${id}`, session, body });
const remove = (id: number) => ask({ method: 'DELETE', path: `${path}/${id}`, session });
const logIn = async (login: string, password: string) =>
  (await ask({ method: 'POST', path: '/api/auth/login', body: { login, password } })).status;
const me = async (token: string) => (await ask({ path: '/api/auth/me', session: token })).status;
const entries = async () =>
  db`select action, subject, changes from audit_log where action like 'user.%' order by id`;

describe('a new user', () => {
  test('gets a password that is shown once and lets them in', async () => {
    const { id, password } = await make({ login: 'anna', name: 'Анна' });
    expect(await logIn('anna', password ?? '')).toBe(200);
    const list = await ask({ path, session });
    expect(list.json).toMatchObject({
      items: [
        { id, login: 'anna', name: 'Анна', active: true, last_seen_at: expect.any(String) },
        { login: 'june' },
      ],
    });
    expect(list.text).not.toContain('password');
    expect(await entries()).toMatchObject([{ action: 'user.create', subject: 'anna' }]);
    expect(JSON.stringify(await db`select * from audit_log`)).not.toContain(password);
  });

  test('or the one that was given, which is not shown', async () => {
    expect(await make({ login: 'boris', password: 'long enough 1' })).toMatchObject({
      password: null,
    });
    expect(await logIn('boris', 'long enough 1')).toBe(200);
  });

  test.each(['JUNE', 'root'])('%s is a login that somebody has', async (login) => {
    await db`insert into admins (login, password_hash) values ('root', 'x') on conflict do nothing`;
    const answer = await ask({ method: 'POST', path, session, body: { login } });
    expect(answer).toMatchObject({ status: 409, json: { detail: 'Такой логин уже занят' } });
  });
});

describe('a changed user', () => {
  test('is logged out by a new password, and lets nobody in with the old one', async () => {
    const { id, password } = await make({ login: 'anna' });
    const hers = await startSession(db, { kind: 'enterprise admin', id, enterpriseNumber: NUMBER });
    const { password: next } = Made.parse((await change(id, { password: null })).json);
    expect(await me(hers)).toBe(401);
    expect([await logIn('anna', password ?? ''), await logIn('anna', next ?? '')]).toEqual([
      401, 200,
    ]);
    expect((await entries()).at(-1)).toMatchObject({
      action: 'user.update',
      changes: [{ field: 'password', before: null, after: '••••' }],
    });
  });

  test('is logged out when deactivated, and stays logged in under a new name', async () => {
    const { id, password } = await make({ login: 'anna' });
    const hers = await startSession(db, { kind: 'enterprise admin', id, enterpriseNumber: NUMBER });
    await change(id, { name: 'Анна' });
    expect(await me(hers)).toBe(200);
    await change(id, { active: false });
    await change(id, { active: true });
    expect(await me(hers)).toBe(401);
    expect(await logIn('anna', password ?? '')).toBe(200);
  });
});

describe('nobody', () => {
  test('shuts himself out', async () => {
    expect((await remove(june.id)).status).toBe(409);
    expect((await change(june.id, { active: false })).status).toBe(409);
    expect(await logIn('june', PASSWORD)).toBe(200);
  });

  test("reaches another enterprise's user through the own one", async () => {
    const other = await insertLogin(db, 'july', '0368');
    expect((await remove(other.id)).status).toBe(404);
    expect((await change(other.id, { password: 'taken over 1' })).status).toBe(404);
    expect(await logIn('july', PASSWORD)).toBe(200);
  });
});

test('a deleted user is gone, and the log knows who that was', async () => {
  const { id } = await make({ login: 'anna' });
  const hers = await startSession(db, { kind: 'enterprise admin', id, enterpriseNumber: NUMBER });
  expect((await remove(id)).json).toEqual({ success: true });
  expect(await me(hers)).toBe(401);
  expect((await remove(id)).status).toBe(404);
  expect((await entries()).at(-1)).toMatchObject({ action: 'user.delete', subject: 'anna' });
});
