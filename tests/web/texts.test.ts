import { globSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { pageTexts as englishOfPages } from '../../web/admin/src/texts/en-pages.ts';
import { texts as englishOfAll } from '../../web/admin/src/texts/en.ts';
import { pageTexts as russianOfPages } from '../../web/admin/src/texts/ru-pages.ts';
import { texts as russianOfAll } from '../../web/admin/src/texts/ru.ts';

const english = { ...englishOfAll, ...englishOfPages };
const russian = { ...russianOfAll, ...russianOfPages };

const SOURCE = 'web/admin/src';
const PLURAL = /_(one|few|many|other)$/;

type Texts = { [key: string]: string | Texts };

/** `calls.statuses.missed`, with the text behind it. */
function flat(texts: Texts, prefix = ''): [key: string, text: string][] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [[prefix + key, value]] : flat(value, `${prefix}${key}.`),
  );
}

const keysOf = (texts: Texts): string[] =>
  [...new Set(flat(texts).map(([key]) => key.replace(PLURAL, '')))].toSorted();
const source = globSync(`${SOURCE}/**/*.{ts,tsx}`)
  .filter((file) => !file.includes('/texts/'))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

test('every text is there in both languages', () => {
  expect(keysOf(english)).toEqual(keysOf(russian));
});

test.each([
  ['ru', russian, ['one', 'few', 'many', 'other']],
  ['en', english, ['one', 'other']],
] as const)('a text that counts has all forms of its language: %s', (_language, texts, forms) => {
  const counted = flat(texts).filter(([key]) => PLURAL.test(key));
  const found = Map.groupBy(counted, ([key]) => key.replace(PLURAL, ''));
  for (const [key, entries] of found)
    expect(entries.map(([name]) => PLURAL.exec(name)?.[1]).toSorted(), key).toEqual(
      [...forms].toSorted(),
    );
});

test('no text is empty, and what it fills in is the same in both languages', () => {
  const placesOf = (text: string): string[] =>
    [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name).toSorted();
  const russianTexts = new Map(flat(russian));
  for (const [key, text] of flat(english)) {
    expect(text.trim(), key).not.toBe('');
    const other = russianTexts.get(key);
    if (other !== undefined) expect(placesOf(other), key).toEqual(placesOf(text));
  }
});

test('every text is used somewhere', () => {
  const isUsed = (key: string): boolean => {
    const parent = key.slice(0, key.lastIndexOf('.') + 1);
    // `calls.statuses.${status}` uses them all, `directory.${kind}.title` one of each.
    const [first = '', , ...rest] = key.split('.');
    const inside = new RegExp(`\`${first}\\.\\$\\{[\\w.]+\\}\\.${rest.join('\\.')}\``);
    return source.includes(`'${key}'`) || source.includes(`\`${parent}\${`) || inside.test(source);
  };
  expect(keysOf(russian).filter((key) => !isUsed(key))).toEqual([]);
});

test('the first page says only what its own texts hold', () => {
  const first = globSync(
    `${SOURCE}/{app.tsx,{session,shell,features/overview,features/login}/**/*.{ts,tsx}}`,
  );
  const used = first.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/['`](\w+)\.[\w.]+(?=['`]|\.\$\{)/g)].map(
      ([, name]) => name,
    ),
  );
  const later = Object.keys(russianOfPages);
  expect(used).toContain('overview');
  expect(used.filter((name) => later.includes(name ?? ''))).toEqual([]);
});
