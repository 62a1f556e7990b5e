import { beforeAll, expect, test } from 'vitest';
import * as z from 'zod';

import { keyOf } from '../../shared/auth/keys.ts';
import { useDatabase } from '../support/database.ts';
import { createAsking } from './asking.ts';
import { insertLogin, startSession } from './people.ts';

const { db } = useDatabase();
const ask = createAsking(db);
let session = '';

beforeAll(async () => {
  session = await startSession(db, await insertLogin(db, 'root'));
});

const Made = z.object({ id: z.string(), key: z.string(), prefix: z.string() });
const make = async (scopes: string[]) => {
  const body = { name: 'site', scopes };
  const answer = await ask({ method: 'POST', path: '/api/keys', session, body });
  expect(answer.status).toBe(201);
  return Made.parse(answer.json);
};
const shows = (authorization: string) => ({ headers: { authorization } });

test('a key opens what it was made for, and nothing else', async () => {
  const { id, key } = await make(['chats:read']);
  expect(await keyOf(db, shows(`Bearer ${key}`), 'chats:read')).toMatchObject({ id, name: 'site' });
  expect(await keyOf(db, shows(`bearer  ${key}`), 'chats:read')).toMatchObject({ id });
  expect(await keyOf(db, shows(`Bearer ${key}`), 'chats:write')).toBeUndefined();
});

test.each(['', 'Bearer ', 'Basic x', `Bearer trk_${'x'.repeat(43)}`, 'Bearer secret'])(
  'nothing is opened by "%s"',
  async (authorization) => {
    expect(await keyOf(db, shows(authorization), 'chats:read')).toBeUndefined();
  },
);

test('it is shown once; what is stored and listed opens nothing', async () => {
  const { key, prefix } = await make(['chats:read', 'chats:write']);
  expect(key.startsWith(prefix)).toBe(true);
  const list = await ask({ path: '/api/keys', session });
  expect(list.text).toContain(prefix);
  expect(list.text).not.toContain(key);
  const stored = await db`select key_hash::text, prefix, name from api_keys`;
  const audited = await db`select * from audit_log`;
  expect(JSON.stringify([stored, audited])).not.toContain(key);
  expect(audited.at(-1)).toMatchObject({
    action: 'api_key.create',
    subject: 'site',
    actor: 'root',
  });
});

test('being used is seen', async () => {
  const { id, key } = await make(['chats:read']);
  await keyOf(db, shows(`Bearer ${key}`), 'chats:read');
  const [row] = await db`select last_used_at from api_keys where id = ${id}`;
  expect(row?.['lastUsedAt']).toBeInstanceOf(Date);
});

test('it ends at once', async () => {
  const { id, key } = await make(['chats:read']);
  const remove = () => ask({ method: 'DELETE', path: `/api/keys/${id}`, session });
  expect((await remove()).json).toEqual({ success: true });
  expect(await keyOf(db, shows(`Bearer ${key}`), 'chats:read')).toBeUndefined();
  expect((await remove()).status).toBe(404);
});

test.each([[[]], [['chats:delete']], [['chats:read', 'all']]])(
  'scopes %j are refused',
  async (scopes) => {
    const body = { name: 'site', scopes };
    expect((await ask({ method: 'POST', path: '/api/keys', session, body })).status).toBe(422);
  },
);
