import { expect, test } from 'vitest';

import { hoursOf } from '../../web/admin/src/features/overview/hours.ts';
import { createFormat, formatDuration, formatPhone } from '../../web/admin/src/format/format.ts';

test.each([
  ['375291110001', '+375 29 111-00-01'],
  ['74951112233', '+7 495 111-22-33'],
  ['15550001122', '+1 555 000-1122'],
  ['4930123456789', '+4930123456789'],
  ['150', '150'],
  ['0001363', '0001363'],
])('the phone %s reads %s', (phone, shown) => {
  expect(formatPhone(phone)).toBe(shown);
});

test.each([
  [0, '0:00'],
  [42, '0:42'],
  [725, '12:05'],
  [3_723, '1:02:03'],
  [59.6, '1:00'],
])('%s seconds read %s', (seconds, shown) => {
  expect(formatDuration(seconds)).toBe(shown);
});

test('a moment is on the clock of the enterprise, with its day unless it is today there', () => {
  const format = createFormat('ru', 'Asia/Vladivostok');
  const now = new Date('2026-01-31T15:30:00Z'); // the first of February over there
  expect(format.moment('2026-01-31T14:05:12Z', now)).toBe('00:05:12');
  expect(format.moment('2026-01-31T13:05:12Z', now)).toBe('31 янв., 23:05:12');
  expect(format.isoDate(now)).toBe('2026-02-01');
});

test('a zone that nobody knows counts as the default one', () => {
  expect(createFormat('en', 'Nowhere/Land').time('2026-01-31T12:00:00Z')).toBe('15:00:00');
});

test('unknown money is a dash, never a zero', () => {
  const format = createFormat('ru', 'Europe/Minsk');
  expect(format.money(null, 'RUB')).toBe('—');
  expect(format.money(0, 'RUB')).toMatch(/^0/);
});

test('hours without calls are there, and nights only when somebody called', () => {
  const counted = [{ at: '2026-01-31T06:00:00Z', total: 3, answered: 1, missed: 1 }];
  const hours = hoursOf(counted, (iso) => iso.slice(11, 16));
  expect(hours[0]).toEqual({ hour: '06:00', total: 3, answered: 1, missed: 1, other: 1 });
  expect(hours.at(-1)).toEqual({ hour: '19:00', total: 0, answered: 0, missed: 0, other: 0 });
  expect(hours).toHaveLength(14);
});
