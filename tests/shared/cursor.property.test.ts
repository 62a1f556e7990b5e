import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';

import { decodeCursor, encodeCursor } from '../../shared/cursor.ts';

const Place = z.tuple([z.string(), z.int()]);
const place = fc.tuple(
  fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  fc.integer(),
);
const scope = fc.array(fc.option(fc.string()));
const refusal = expect.objectContaining({
  status: 422,
  errors: [{ path: 'cursor', message: expect.any(String) }],
});

const attempt = (cursor: string, of: unknown): unknown => {
  try {
    return decodeCursor(Place, cursor, of);
  } catch (error) {
    return error;
  }
};

test('a cursor leads back to its place', () => {
  fc.assert(
    fc.property(place, scope, (where, of) => {
      expect(decodeCursor(Place, encodeCursor(where, of), of)).toEqual(where);
    }),
  );
});

test('one that was changed anywhere is refused', () => {
  fc.assert(
    fc.property(place, scope, fc.nat(), fc.string({ maxLength: 1 }), (where, of, at, letter) => {
      const cursor = encodeCursor(where, of);
      const position = at % cursor.length;
      const changed = cursor.slice(0, position) + letter + cursor.slice(position + 1);
      fc.pre(changed !== cursor);
      expect(attempt(changed, of)).toEqual(refusal);
    }),
  );
});

test('anything else is refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(attempt(text, [])).toEqual(refusal);
    }),
  );
});

test.each([
  ['of another list or other filters', encodeCursor(['a', 1], ['0368'])],
  ['to a place that is none', encodeCursor(['a', 1.5], ['0367'])],
])('one %s is refused', (_what, cursor) => {
  expect(attempt(cursor, ['0367'])).toEqual(refusal);
});
