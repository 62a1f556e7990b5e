import { describe, expect, test } from 'vitest';

import { renderDigest } from '../../shared/hosting/digest.ts';
import { daysLeft } from '../../shared/hosting/finances.ts';
import { addMonths, dayOf, marginOf } from '../../shared/hosting/hosting.ts';
import { pricing } from '../../shared/hosting/plan.ts';
import { FinancesAnswer, TimewebServer } from '../../shared/timeweb/schema.ts';

test.each([
  ['2026-01-15', 1, null, '2026-02-15'],
  ['2026-11-30', 3, null, '2027-02-28'],
  ['2026-01-31', 1, '2026-01-31', '2026-02-28'],
  ['2026-02-28', 1, '2026-01-31', '2026-03-31'],
  ['2026-02-28', 1, '2026-01-15', '2026-03-28'],
  ['2026-02-28', 1, null, '2026-03-28'],
  ['2028-01-31', 1, null, '2028-02-29'],
  ['2026-12-05', 12, null, '2027-12-05'],
  ['2026-03-31', -1, null, '2026-02-28'],
])('%s and %i months, begun %s: %s', (date, months, anchor, expected) => {
  expect(addMonths(date, months, anchor)).toBe(expected);
});

test('a day begins where the clients are', () => {
  expect(dayOf(new Date('2026-11-20T21:30:00Z'))).toBe('2026-11-21');
});

test.each([
  [{ costPrice: 730.5, clientPrice: 1200, serviceFee: 100 }, 569.5],
  [{ costPrice: 0, clientPrice: 0, serviceFee: 0 }, 0],
  [{ costPrice: 900, clientPrice: 500, serviceFee: 0 }, -400],
  [{ costPrice: null, clientPrice: 1200, serviceFee: 100 }, null],
  [{ costPrice: 730.5, clientPrice: null, serviceFee: 100 }, null],
])('the margin of %o is %s', (prices, expected) => {
  expect(marginOf(prices)).toBe(expected);
});

describe('the cost', () => {
  const server = (fields: object) => TimewebServer.parse({ id: 5, ...fields });
  const presets = [{ id: 9, price: 550, description: null }];
  const paid = (total: number | null, type = 'server') => [
    { type, service_id: 5, cost: 1, total_cost: total },
  ];

  test.each([
    ['what is paid', paid(730.555), { preset_id: 9 }, 730.56],
    ['of something else with the same number', paid(99, 'database'), { preset_id: 9 }, 550],
    ['the price of the preset', [], { preset_id: 9 }, 550],
    ['a total that nobody says', paid(null), { preset_id: 9 }, 550],
    ['a real zero', paid(0), { preset_id: 9 }, 0],
    ['unknown: an unknown preset', [], { preset_id: 10 }, null],
    ['unknown: built by a configurator', [], { configurator_id: 11 }, null],
  ])('%s', (_what, costs, fields, expected) => {
    expect(pricing(costs, presets)(server(fields))).toBe(expected);
  });
});

describe('days left', () => {
  test.each<[object, number | null]>([
    [{ balance: 7378.3, hourly_fee: 33.192622950819676, hours_left: 222 }, 9.3],
    [{ balance: 2400, hourly_fee: 0, hourly_cost: 10 }, 10],
    [{ balance: 1000, monthly_fee: 3000 }, 10],
    [{ balance: -50, hourly_fee: 10 }, 0],
    [{ balance: null, hours_left: 48 }, 2],
    [{ balance: 100, hours_left: null }, null],
    [{ balance: 100, hourly_fee: 0, hours_left: null }, null],
    [{}, null],
  ])('%o: %s', (finances, expected) => {
    expect(daysLeft(FinancesAnswer.parse({ finances }).finances)).toBe(expected);
  });
});

describe('the digest', () => {
  const change = (
    serverId: number,
    field: string,
    oldValue: string | null,
    newValue: string | null,
  ) => ({
    id: 1,
    serverId,
    serverName: `s-${serverId}`,
    field,
    oldValue,
    newValue,
  });

  test('has a line for each server', () => {
    const text = renderDigest([
      change(1, 'timeweb_status', 'on', 'off'),
      change(1, 'status', 'active', 'suspended'),
      change(2, 'cost_price', '550.00', '600.50'),
      change(3, 'cost_price', '550.00', null),
      change(4, 'missing_since', null, '2026-11-21T00:00:00Z'),
    ]);
    expect(text.split('\n')).toEqual([
      '🖥 Хостинг: изменились серверы (4)',
      '• s-1: в Timeweb on → off; активен → приостановлен',
      '• s-2: цена 550 ₽ → 600.50 ₽',
      '• s-3: цена 550 ₽ → неизвестна',
      '• s-4: пропал из Timeweb',
    ]);
  });

  test('fits one message, whatever happens', () => {
    const all = Array.from({ length: 500 }, (_, id) => ({
      ...change(id, 'timeweb_status', 'x'.repeat(300), 'y'.repeat(300)),
      serverName: 'n'.repeat(300),
    }));
    const text = renderDigest([...all, ...all, ...all, ...all, ...all]);
    expect(text.length).toBeLessThanOrEqual(4096);
    const [, more] = /… и ещё (\d+)$/.exec(text) ?? [];
    expect(text.split('\n')).toHaveLength(2 + 500 - Number(more));
  });
});
