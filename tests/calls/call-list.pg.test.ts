import { beforeAll, describe, expect, test } from 'vitest';

import { type CallFilters, type CallPlace, selectCalls } from '../../shared/calls/call-list.sql.ts';
import { useDatabase } from '../support/database.ts';
import { CALLS, EVERY_FILTER, LARGE, MIDDLE, storeManyCalls } from '../support/many-calls.ts';
import { explain, readWhole, rowsRead, type Scan } from '../support/plan.ts';

const { db } = useDatabase();

const LIMIT = 51;
/** Rows that a page may touch in tables and indexes together: at worst all calls of one extension, in two tables. */
const MOST_ROWS = 20_000;
const day = (text: string): Date => new Date(`${text}T00:00:00Z`);

beforeAll(() => storeManyCalls(db), 300_000);

const read = async (filters: CallFilters, after?: CallPlace): Promise<Scan[]> =>
  (await explain(db, selectCalls(db, { enterpriseNumber: LARGE, filters, after, limit: LIMIT })))
    .scans;

describe('on a million calls', () => {
  test('there are a million', async () => {
    const [row] = await db`select count(*)::int as calls from calls`;
    expect(row?.['calls']).toBe(CALLS);
  });

  test.each([
    ['the first page', undefined],
    ['a page in the middle', MIDDLE],
  ])(
    '%s is read by index, whatever is asked for',
    async (_page, after) => {
      const found = [];
      for (const filters of EVERY_FILTER) {
        const scans = await read(filters, after);
        const whole = readWhole(scans);
        const rows = rowsRead(scans);
        if (whole.length > 0 || rows > MOST_ROWS) found.push({ filters, whole, rows });
      }
      expect(found).toEqual([]);
    },
    60_000,
  );

  test.each<[string, CallFilters]>([
    ['nothing', {}],
    ['a phone', { phone: '375291000037' }],
    ['the end of a phone', { phone: '1000037' }],
    ['an extension', { extension: '152' }],
    ['a phone and an extension', { phone: '375291000037', extension: '152' }],
    ['a direction', { direction: 'internal' }],
    ['a status', { status: 'lost_in_transfer' }],
    ['a source', { source: 'downloaded' }],
    ['a week', { from: day('2026-06-01'), to: day('2026-06-07') }],
  ])('asked for %s alone it reads little more than it shows', async (_what, filters) => {
    for (const after of [undefined, MIDDLE]) {
      // An extension's calls are looked up one by one: each is read in both tables.
      expect(rowsRead(await read(filters, after))).toBeLessThan(3 * LIMIT);
    }
  });
});
