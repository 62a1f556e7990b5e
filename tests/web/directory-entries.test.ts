import { describe, expect, test } from 'vitest';

import {
  NOTHING,
  readPasted,
  withEntries,
  wrongFields,
} from '../../web/admin/src/features/directory/entries.ts';

describe('a pasted list', () => {
  test.each([
    ['semicolons', '150;Анна;+375 29 111-00-50;700401'],
    ['tabs', '150\tАнна\t+375 29 111-00-50\t700401'],
    ['commas and quotes', '"150","Анна","+375 29 111-00-50","700401"'],
    ['spaces around', ' 150 ; Анна ; +375 29 111-00-50 ; 700401 '],
  ])('is read with %s', (_what, text) => {
    const entry = { number: '150', name: 'Анна', mobile: '+375 29 111-00-50', telegram: '700401' };
    expect(readPasted('extensions', text)).toEqual({ entries: [entry], wrong: [] });
  });

  test('may have titles, empty lines, missing cells and the mark of UTF-8', () => {
    const text = '\uFEFFномер;имя\r\n\r\n151\r\n152;Вера;\r\n';
    expect(readPasted('extensions', text).entries).toEqual([
      { ...NOTHING, number: '151' },
      { ...NOTHING, number: '152', name: 'Вера' },
    ]);
  });

  test('says which lines cannot be read, and the last of two with one number counts', () => {
    const { entries, wrong } = readPasted(
      'lines',
      '0001363;Склад\nx1;Офис\n0001366\n0001363;Продажи',
    );
    expect(entries).toEqual([{ ...NOTHING, number: '0001363', name: 'Продажи' }]);
    expect(wrong).toEqual([
      { line: 2, text: 'x1;Офис' },
      { line: 3, text: '0001366' },
    ]);
  });
});

test('a changed entry keeps its place, a new one comes last', () => {
  const [anna, boris] = ['150', '151'].map((number) => ({ ...NOTHING, number }));
  if (!anna || !boris) throw new Error('two of them');
  const vera = { ...NOTHING, number: '152' };
  const renamed = { ...anna, name: 'Анна' };
  expect(withEntries([anna, boris], [vera, renamed])).toEqual([renamed, boris, vera]);
});

test.each([
  ['extensions', { number: '123456' }, ['number']],
  ['extensions', { number: '150', mobile: '12', telegram: '@anna' }, ['mobile', 'telegram']],
  ['lines', { number: '0001363' }, ['name']],
] as const)('what the API would refuse of %s is known: %o', (kind, entry, fields) => {
  expect(wrongFields(kind, { ...NOTHING, ...entry })).toEqual(fields);
});
