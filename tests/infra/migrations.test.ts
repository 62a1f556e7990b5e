import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

const FOLDER = 'infra/migrations';
const files = readdirSync(FOLDER).toSorted();

/** What the release before may still use, or would wait for: and what to do instead. */
const BREAKING: [RegExp, string][] = [
  [
    /\bdrop\s+(table|view|column|function|type|schema)\b/i,
    'remove it a release later, in a file that says so',
  ],
  [/\brename\b/i, 'add the new name, write both, remove the old one a release later'],
  [/\balter\s+column\s+\w+\s+(set\s+data\s+)?type\b/i, 'add a column of the new type'],
  [/\balter\s+column\s+\w+\s+set\s+not\s+null\b/i, 'the release before may leave it empty'],
  [
    /\badd\s+column\b(?![^,;]*\bdefault\b)[^,;]*\bnot\s+null\b/i,
    'the release before does not fill it: give it a default',
  ],
  [/\btruncate\b/i, 'the release before still reads it'],
];
/** `-- removes what v1.2.0 was the last to use`: whoever writes it has looked. */
const LOOKED = /^-- removes what v\d+\.\d+\.\d+ was the last to use$/m;

/** Without comments and without the bodies of functions, which run later. */
const statementsOf = (text: string): string[] =>
  text
    .replaceAll(/--.*$/gm, '')
    .replaceAll(/\$\$[\s\S]*?\$\$/g, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter(Boolean);

function complaints(text: string): string[] {
  if (LOOKED.test(text)) return [];
  return statementsOf(text).flatMap((statement) =>
    BREAKING.flatMap(([pattern, instead]) =>
      pattern.test(statement) ? [`${statement.split('\n')[0]}: ${instead}`] : [],
    ),
  );
}

/** Never more than some days of rows: their index is made in a moment. */
const SMALL = new Set(['telegram_updates', 'support_chat_offers']);

/** Statements that make an index on a table of an earlier file while everybody who writes to it waits. */
function blockingIndexes(text: string): string[] {
  const made = new Set([...text.matchAll(/create table (\w+)/g)].map(([, table = '']) => table));
  return statementsOf(text).filter((statement) => {
    const [, concurrently, table = ''] =
      /^create (?:unique )?index (concurrently )?\w+\s+on (\w+)/.exec(statement) ?? [];
    return table !== '' && !made.has(table) && !SMALL.has(table) && !concurrently;
  });
}

describe.each(files)('%s', (file) => {
  const text = readFileSync(`${FOLDER}/${file}`, 'utf8');

  test('suits the code of the release before', () => {
    expect(complaints(text)).toEqual([]);
  });

  test('makes no writer wait for an index', () => {
    expect(blockingIndexes(text)).toEqual([]);
    const isConcurrent = statementsOf(text).some((statement) => /\bconcurrently\b/.test(statement));
    const isAlone = /^-- no transaction$/m.test(text) && statementsOf(text).length === 1;
    expect(isConcurrent).toBe(isAlone);
  });
});

test('numbers go up, each once', () => {
  const numbers = files.map((file) => file.slice(0, 4));
  expect(new Set(numbers).size).toBe(files.length);
  for (const file of files) expect(file).toMatch(/^\d{4}_[a-z0-9_]+\.sql$/);
});

describe('what would break the release before is seen', () => {
  test.each([
    'alter table calls drop column phone;',
    'alter table calls rename column phone to number;',
    'alter table calls alter column phone type integer using phone::integer;',
    'alter table calls alter column phone set not null;',
    'alter table calls add column mood text not null;',
    'drop view asterisk_logs;',
    'truncate calls;',
  ])('%s', (sql) => {
    expect(complaints(sql)).toHaveLength(1);
    expect(complaints(`-- removes what v1.2.0 was the last to use\n${sql}`)).toEqual([]);
  });

  test.each([
    "alter table calls add column mood text not null default 'calm';",
    'alter table calls add column mood text;',
    'create function f() returns void language sql as $$ drop table calls $$;',
    '-- drop table calls\nselect 1;',
  ])('but not %s', (sql) => {
    expect(complaints(sql)).toEqual([]);
  });

  test('an index on a table that is there', () => {
    expect(blockingIndexes('create index i on calls (phone);')).toHaveLength(1);
    expect(blockingIndexes('create table t (a int); create index i on t (a);')).toEqual([]);
  });
});
