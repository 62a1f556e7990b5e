import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { insertAudit, selectAudit } from '../../shared/audit/audit.sql.ts';
import type { Contract } from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import { guardedRoute } from '../../shared/lambda/route.ts';
import { maintain } from '../../shared/operations/maintain.ts';
import { createAsking } from '../auth/asking.ts';
import { insertLogin, PASSWORD, startSession } from '../auth/people.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';

const { db } = useDatabase();
const ask = createAsking(db);
let session = '';
let superadmin = '';

beforeAll(async () => {
  await insertEnterprise(db);
  session = await startSession(db, await insertLogin(db, 'june', NUMBER));
  superadmin = await startSession(db, await insertLogin(db, 'root'));
});
beforeEach(() => db`truncate audit_log, login_failures`);

const Page = z.object({
  items: z.array(
    z.looseObject({ id: z.string(), action: z.string(), changes: z.array(z.unknown()) }),
  ),
  next_cursor: z.string().nullable(),
});
const list = async (query: Record<string, string> = {}) => {
  const { status, text, json } = await ask({ path: '/api/audit', query, session: superadmin });
  expect(status, text).toBe(200);
  return Page.parse(json);
};
const logIn = (login: string, password: string) =>
  ask({ method: 'POST', path: '/api/auth/login', body: { login, password } });

describe('logins', () => {
  test('that succeed and that fail are there, with who and from where', async () => {
    await logIn('JUNE', PASSWORD);
    await logIn('june', 'wrong password');
    await logIn('my-password-in-the-wrong-field', 'x');
    const { items } = await list();
    expect(items).toMatchObject([
      { action: 'login.failed', actor: null, actor_kind: 'nobody', enterprise_number: null },
      { action: 'login.failed', actor: 'june', actor_kind: 'nobody', enterprise_number: NUMBER },
      { action: 'login', actor: 'june', actor_kind: 'enterprise admin', address: '192.0.2.1' },
    ]);
    expect(JSON.stringify(items)).not.toContain('my-password-in-the-wrong-field');
  });

  test('and logging out, everywhere too, and a new password', async () => {
    const admin = await insertLogin(db, 'leaving', NUMBER);
    const post = async (path: string, body: unknown) =>
      ask({ method: 'POST', path, body, session: await startSession(db, admin) });
    await post('/api/auth/logout', {});
    await post('/api/auth/logout', { everywhere: true });
    await post('/api/auth/password', { current_password: PASSWORD, new_password: `${PASSWORD}!` });
    const { items } = await list({ actor: 'Leaving' });
    expect(items.map(({ action }) => action)).toEqual([
      'password.change',
      'logout.everywhere',
      'logout',
    ]);
    expect(JSON.stringify(items)).not.toContain(PASSWORD);
  });
});

test('settings are there as they were and are, their secrets masked', async () => {
  const save = (body: object) =>
    ask({ method: 'POST', path: `/enterprise/${NUMBER}/integrations/config`, session, body });
  const secret = `whsec_${'plantedsecret'.repeat(3)}0001`;
  const url = 'http://127.0.0.1:1/hook';
  await save({ webhook: { enabled: true, url, secret } });
  await save({ webhook: { enabled: false, secret: secret.replace('0001', '0002') } });
  const { items } = await list({ enterprise: NUMBER, action: 'integration.*' });
  expect(items[1]).toMatchObject({ subject: 'webhook', actor: 'june' });
  expect(items[1]?.changes).toEqual(
    expect.arrayContaining([
      { field: 'enabled', before: null, after: true },
      { field: 'url', before: null, after: url },
      { field: 'secret', before: null, after: '••••0001' },
    ]),
  );
  expect(items[0]?.changes).toEqual(
    expect.arrayContaining([
      { field: 'enabled', before: true, after: false },
      { field: 'secret', before: '••••0001', after: '••••0002' },
      { field: 'previous_secret', before: null, after: '••••0001' },
    ]),
  );
  const stored = await db`select changes::text from audit_log`;
  expect(JSON.stringify(stored)).not.toContain('plantedsecret');
});

test('names are there entry by entry, and only those that changed', async () => {
  const put = (items: object[]) =>
    ask({ method: 'PUT', path: `/enterprise/${NUMBER}/lines`, session, body: { items } });
  await put([
    { line: '1', name: 'Склад' },
    { line: '2', name: 'Офис' },
  ]);
  await put([
    { line: '1', name: 'Склад' },
    { line: '2', name: 'Касса' },
  ]);
  const { items } = await list();
  expect(items[0]).toMatchObject({
    action: 'lines.replace',
    changes: [
      { field: '2', before: { line: '2', name: 'Офис' }, after: { line: '2', name: 'Касса' } },
    ],
  });
});

describe('a route that writes no entry of its own', () => {
  const contract = {
    method: 'PUT',
    path: '/enterprise/{number}/things/{id}',
    summary: '',
    auth: 'enterprise or secret',
    cors: 'none',
    answers: { 200: { description: '' } },
  } as const satisfies Contract;
  const askThing = (status: number, asked: object) =>
    createAsking(db, [
      guardedRoute(contract, async () => {
        if (status === 500) throw new AppError('conflict', 'no');
        return { status };
      }),
    ])({ method: 'PUT', path: `/enterprise/${NUMBER}/things/7`, ...asked });

  test('has one written when it has done its work', async () => {
    expect((await askThing(200, { session })).status).toBe(200);
    expect((await list()).items).toMatchObject([
      { action: 'PUT /enterprise/{number}/things/{id}', subject: '7', enterprise_number: NUMBER },
    ]);
  });

  test.each([
    ['what it refused', 409, () => ({ session })],
    ['what failed', 500, () => ({ session })],
    ['what a program did', 200, () => ({ headers: { authorization: `Bearer secret-${NUMBER}` } })],
  ])('has none for %s', async (_what, status, shown) => {
    await askThing(status, shown());
    expect((await list()).items).toEqual([]);
  });

  test('has done its work even when the entry is lost', async () => {
    await db`alter table audit_log rename to audit_log_away`;
    const answer = await askThing(200, { session });
    await db`alter table audit_log_away rename to audit_log`;
    expect(answer.status).toBe(200);
  });
});

test('a change whose entry cannot be written is not made', async () => {
  await db`alter table audit_log rename to audit_log_away`;
  const body = { name: 'another' };
  const path = `/api/enterprises/${NUMBER}`;
  const answer = await ask({ method: 'PATCH', path, session: superadmin, body });
  await db`alter table audit_log_away rename to audit_log`;
  expect(answer.status).toBe(500);
  expect(await db`select name from enterprises where number = ${NUMBER}`).toEqual([
    { name: `name ${NUMBER}` },
  ]);
});

test('the list goes on where it ended, whatever comes in between', async () => {
  const by = { who: { kind: 'nobody', login: 'x' }, address: '192.0.2.1', requestId: 'r' } as const;
  for (let n = 0; n < 5; n += 1) await insertAudit(db, by, { action: 'a', subject: `${n}` });
  await db`update audit_log set at = date_trunc('second', at) + subject::int * interval '1 microsecond'`;
  const first = await list({ limit: '2', action: 'a' });
  await insertAudit(db, by, { action: 'a', subject: 'new' });
  const second = await list({ limit: '2', action: 'a', cursor: first.next_cursor ?? '' });
  const third = await list({ limit: '2', action: 'a', cursor: second.next_cursor ?? '' });
  const subjects = [first, second, third].flatMap(({ items }) =>
    items.map(({ subject }) => subject),
  );
  expect(subjects).toEqual(['4', '3', '2', '1', '0']);
  expect(third.next_cursor).toBeNull();
  const wrong = { cursor: first.next_cursor ?? '', action: 'b' };
  expect((await ask({ path: '/api/audit', query: wrong, session: superadmin })).status).toBe(422);
});

test('what is older than a year goes', async () => {
  await db`
    insert into audit_log (at, actor_kind, action, address, request_id)
    values (now() - interval '366 days', 'nobody', 'old', '', ''),
      (now() - interval '364 days', 'nobody', 'kept', '', '')`;
  expect(await maintain(db)).toMatchObject({ auditLog: 1 });
  expect((await list()).items).toMatchObject([{ action: 'kept' }]);
});

test('each filter reads its own index, not the table', async () => {
  await db`
    insert into audit_log (at, actor_kind, actor, enterprise_number, action, address, request_id)
    select now() - n * interval '1 minute', 'superadmin', 'a' || n % 50, 'e' || n % 500, 'do.' || n % 40, '', ''
    from generate_series(1, 100000) as n`;
  await db`analyze audit_log`;
  const from = new Date(Date.now() - 86_400_000);
  for (const filters of [
    {},
    { enterpriseNumber: 'e7' },
    { actor: 'A7' },
    { action: 'do.7' },
    { enterpriseNumber: 'e7', from },
    { from },
  ]) {
    const [row] = await db`explain (format json) ${selectAudit(db, { filters, limit: 51 })}`;
    expect(JSON.stringify(row)).not.toMatch(/Seq Scan/);
  }
});
