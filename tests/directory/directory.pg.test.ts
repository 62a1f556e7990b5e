import { beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createAsking } from '../auth/asking.ts';
import { insertLogin, startSession } from '../auth/people.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';

const { db } = useDatabase();
const ask = createAsking(db);
let session = '';
let superadmin = '';

beforeAll(async () => {
  await insertEnterprise(db);
  await insertEnterprise(db, { number: '0368', token: '375290000002' });
  session = await startSession(db, await insertLogin(db, 'june', NUMBER));
  superadmin = await startSession(db, await insertLogin(db, 'root'));
});
beforeEach(async () => {
  await db`truncate extensions, lines`;
  await db`
    insert into extensions (enterprise_number, extension, name)
    values (${NUMBER}, '9', 'Был'), ('0368', '150', 'Чужой')`;
  await db`insert into lines (enterprise_number, line, name) values (${NUMBER}, '0001363', 'Была')`;
});

const get = async (what: string) =>
  (await ask({ path: `/enterprise/${NUMBER}/${what}`, session })).json;
const put = (what: string, body: unknown) =>
  ask({ method: 'PUT', path: `/enterprise/${NUMBER}/${what}`, session, body });

const anna = { extension: '150', name: 'Анна', mobile: '375291110001', telegram_id: 7_000_000_001 };
const nobody = { extension: '20', name: null, mobile: null, telegram_id: null };

test('the whole list is replaced, and read as it was stored, in order', async () => {
  const items = [{ ...anna, name: ' Анна ', mobile: '+375 (29) 111-00-01' }, { extension: '20' }];
  const answer = await put('extensions', { items });
  expect(answer.json).toEqual({ items: [nobody, anna], next_cursor: null });
  expect(await get('extensions')).toEqual(answer.json);

  const lines = [{ line: '0001366', name: 'Склад' }];
  expect((await put('lines', { items: lines })).json).toEqual({ items: lines, next_cursor: null });
  expect(await get('lines')).toEqual({ items: lines, next_cursor: null });
});

test('others keep theirs', async () => {
  await put('extensions', { items: [] });
  expect(await get('extensions')).toEqual({ items: [], next_cursor: null });
  expect(await db`select name from extensions`).toEqual([{ name: 'Чужой' }]);
});

describe('a list with a mistake changes nothing', () => {
  test.each<[string, string, unknown, string]>([
    ['the same extension twice', 'extensions', [anna, { extension: '150' }], 'items.1.extension'],
    [
      'an account twice',
      'extensions',
      [anna, { ...nobody, telegram_id: 7_000_000_001 }],
      'items.1.telegram_id',
    ],
    ['letters', 'extensions', [{ extension: 'anna' }], 'items.0.extension'],
    ['too many digits', 'extensions', [{ extension: '123456' }], 'items.0.extension'],
    ['an empty name', 'extensions', [{ extension: '150', name: ' ' }], 'items.0.name'],
    ['a mobile that is none', 'extensions', [{ extension: '150', mobile: '12' }], 'items.0.mobile'],
    [
      'a group for an account',
      'extensions',
      [{ extension: '150', telegram_id: -1 }],
      'items.0.telegram_id',
    ],
    ['no list', 'extensions', { extension: '150' }, 'items'],
    [
      'a list without end',
      'extensions',
      Array.from({ length: 2001 }, (_, n) => ({ extension: String(n) })),
      'items',
    ],
    [
      'the same line twice',
      'lines',
      [
        { line: '1', name: 'a' },
        { line: '1', name: 'b' },
      ],
      'items.1.line',
    ],
    ['a line without a name', 'lines', [{ line: '1' }], 'items.0.name'],
    ['a name in two lines', 'lines', [{ line: '1', name: 'a\nb' }], 'items.0.name'],
  ])('%s', async (_what, list, items, path) => {
    const before = await get(list);
    const answer = await put(list, { items });
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ errors: [{ path }] });
    expect(await get(list)).toEqual(before);
  });

  test('no JSON', async () => {
    expect((await put('lines', '{"items":')).status).toBe(400);
  });
});

test('two at once do not mix', async () => {
  const lists = ['a', 'b'].map((name) =>
    Array.from({ length: 50 }, (_, index) => ({ line: String(index), name })),
  );
  const answers = await Promise.all(lists.map((items) => put('lines', { items })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const [row] =
    await db`select count(distinct name)::int as names, count(*)::int as lines from lines`;
  expect(row).toEqual({ names: 1, lines: 50 });
});

test.each(['GET', 'PUT'])('%s of an enterprise that is not there', async (method) => {
  const path = '/enterprise/9999/extensions';
  const body = { items: [] };
  expect((await ask({ method, path, session: superadmin, body })).status).toBe(404);
});
