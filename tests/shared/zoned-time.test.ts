import { describe, expect, test } from 'vitest';

import { DateOrTime } from '../../shared/date-or-time.schema.ts';
import { formatInZone, lastMomentOf, momentOf } from '../../shared/zoned-time.ts';

const MINSK = 'Europe/Minsk';
const BERLIN = 'Europe/Berlin';

describe('a date or a time is on the clock of the enterprise', () => {
  test.each([
    ['2026-11-20', MINSK, '2026-11-19T21:00:00.000Z', '2026-11-20T20:59:59.999Z'],
    ['2026-12-31', MINSK, '2026-12-30T21:00:00.000Z', '2026-12-31T20:59:59.999Z'],
    ['2026-03-29', BERLIN, '2026-03-28T23:00:00.000Z', '2026-03-29T21:59:59.999Z'],
    ['2026-10-25', BERLIN, '2026-10-24T22:00:00.000Z', '2026-10-25T22:59:59.999Z'],
    ['2026-11-20T10:05', MINSK, '2026-11-20T07:05:00.000Z', '2026-11-20T07:05:00.000Z'],
    ['2026-11-20T10:05:06.789', MINSK, '2026-11-20T07:05:06.789Z', '2026-11-20T07:05:06.789Z'],
    ['2026-11-20T10:05:06Z', MINSK, '2026-11-20T10:05:06.000Z', '2026-11-20T10:05:06.000Z'],
    ['2026-11-20T10:05:06-05:00', MINSK, '2026-11-20T15:05:06.000Z', '2026-11-20T15:05:06.000Z'],
    ['2026-11-20', 'Nowhere/Atall', '2026-11-19T21:00:00.000Z', '2026-11-20T20:59:59.999Z'],
  ])('%s in %s', (text, zone, first, last) => {
    expect(DateOrTime.parse(text)).toBe(text);
    expect(momentOf(text, zone).toISOString()).toBe(first);
    expect(lastMomentOf(text, zone).toISOString()).toBe(last);
  });
});

test.each(['', '2026', '2026-13-01', '2026-02-29', '2026-11-20 10:00', '1757840723', '9999-01-01'])(
  '"%s" is none',
  (text) => {
    expect(DateOrTime.safeParse(text).success).toBe(false);
  },
);

test.each([
  [MINSK, '2026-01-31 12:05:03'],
  ['Asia/Vladivostok', '2026-01-31 19:05:03'],
  ['Nowhere/Atall', '2026-01-31 12:05:03'],
])('a moment in %s is written %s', (zone, text) => {
  expect(formatInZone(new Date('2026-01-31T09:05:03Z'), zone)).toBe(text);
});
