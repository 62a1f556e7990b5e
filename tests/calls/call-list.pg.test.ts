import { readFileSync } from 'node:fs';

import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { type CallFilters, selectCalls } from '../../shared/calls/call-list.sql.ts';
import type { Transaction } from '../../shared/db.ts';
import { useDatabase } from '../support/database.ts';

const { db } = useDatabase();

const CALLS = 1_000_000;
/** A tenth of all calls is of this enterprise, the rest of 90 others: it is the one that is asked for. */
const LARGE = '0001';
const OTHERS = 90;
const LIMIT = 51;
/** Rows that a page may touch in tables and indexes together: at worst all calls of one extension, in two tables. */
const MOST_ROWS = 20_000;

const Plan = z.looseObject({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Actual Rows': z.number(),
  'Actual Loops': z.number(),
  'Rows Removed by Filter': z.number().optional(),
  'Rows Removed by Join Filter': z.number().optional(),
  'Rows Removed by Index Recheck': z.number().optional(),
  get Plans() {
    return z.array(Plan).optional();
  },
});
type Plan = z.output<typeof Plan>;
const Explained = z.tuple([z.object({ Plan })]);

beforeAll(async () => {
  await db.begin(async (tx) => {
    await tx`set local statement_timeout = 0`;
    await tx`set local maintenance_work_mem = '512MB'`;
    await withoutIndexes(tx, () => generate(tx));
  });
  // The server has its own time limit for what a function asks, and this is no such thing.
  await db.begin(async (tx) => {
    await tx`set local statement_timeout = 0`;
    await tx`analyze calls, call_extensions`;
  });
}, 300_000);

/** A bulk load under nine indexes and a trigger would take minutes. */
async function withoutIndexes(tx: Transaction, load: () => Promise<void>): Promise<void> {
  const rows = await tx`
    select indexname, indexdef
    from pg_indexes
    where tablename = 'calls'
      and indexname <> 'calls_pkey'`;
  const indexes = z
    .object({ indexname: z.string(), indexdef: z.string() })
    .array()
    .parse([...rows]);
  await tx`alter table calls disable trigger all`;
  for (const { indexname } of indexes) await tx`drop index ${tx(indexname)}`;
  await load();
  for (const { indexdef } of indexes) await tx.unsafe(indexdef);
  await tx`alter table calls enable trigger all`;
}

async function generate(tx: Transaction): Promise<void> {
  await tx`
    insert into enterprises (number, name, token, secret)
    select lpad(n::text, 4, '0'), 'e' || n, 't' || n, 's' || n
    from generate_series(1, ${OTHERS + 1}::int) as n`;
  // hashint4 makes a number look like a random one, and the same each time.
  await tx`
    insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, caller, rang, first_answered_by,
      last_talked_by, source, started_at, ended_at, wait_seconds, talk_seconds, last_event_at, merged_into)
    select
      md5(n::text)::uuid,
      lpad(case when n % 10 = 0 then '1' else (2 + n % ${OTHERS}::int)::text end, 4, '0'),
      'u' || n,
      direction,
      case
        when direction = 'internal' then case when luck < 70 then 'internal_answered' else 'internal_missed' end
        when luck < 80 then 'answered'
        when luck = 99 then 'lost_in_transfer'
        when direction = 'in' then case when luck < 95 then 'missed' else 'abandoned' end
        else case when luck < 92 then 'no_answer' when luck < 97 then 'busy' else 'failed' end
      end,
      case when direction <> 'internal' then '37529' || (1000000 + abs(hashint4(n / 7)) % 20000 * 37)::text end,
      case when direction = 'internal' then extension end,
      array[extension, other],
      case when luck < 80 then extension end,
      case when luck < 80 then case when luck % 5 = 0 then other else extension end end,
      case when abs(hashint4(n + 3)) % 100 = 0 then 'downloaded' else 'live' end,
      started_at,
      started_at + interval '1 minute',
      5, 55,
      started_at,
      case when n % 200 = 10 then md5((n - 1)::text)::uuid end
    from (
      select
        n,
        timestamptz '2026-11-01' - n * interval '25 seconds' as started_at,
        case when abs(hashint4(n + 1)) % 100 < 60 then 'in' when abs(hashint4(n + 1)) % 100 < 98 then 'out' else 'internal' end
          as direction,
        abs(hashint4(n)) % 100 as luck,
        (150 + abs(hashint4(n + 2)) % 30)::text as extension,
        (150 + abs(hashint4(n + 4)) % 30)::text as other
      from generate_series(1, ${CALLS}::int) as n
    ) as call`;
  await tx.unsafe(readFileSync('infra/migrations/0007_call_extensions_of_old_calls.sql', 'utf8'));
}

const day = (text: string): Date => new Date(`${text}T00:00:00Z`);

/** Each filter alone and with every other: 95 questions, each on the first page and in the middle. */
const CHOICES: CallFilters[][] = [
  [{}, { from: day('2026-06-01'), to: day('2026-06-07') }],
  [{}, { phone: '375291000037' }, { phone: '1000037' }],
  [{}, { extension: '152' }],
  [{}, { direction: 'in' }, { direction: 'internal' }],
  [{}, { status: 'answered' }, { status: 'lost_in_transfer' }],
  [{}, { source: 'live' }, { source: 'downloaded' }],
];
const combinations = CHOICES.reduce<CallFilters[]>(
  (made, choices) => made.flatMap((one) => choices.map((choice) => ({ ...one, ...choice }))),
  [{}],
);
const middle = {
  startedAt: '2026-06-04T12:00:00.000000Z',
  id: '80000000-0000-4000-8000-000000000000',
};

async function explain(filters: CallFilters, after?: typeof middle): Promise<Plan> {
  const query = selectCalls(db, { enterpriseNumber: LARGE, filters, after, limit: LIMIT });
  const [row] = await db`explain (analyze, timing off, format json) ${query}`;
  return Explained.parse(row?.['queryPlan'] ?? row?.['QUERY PLAN'])[0].Plan;
}

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

/** What the scans of a plan read, kept or not. */
function rowsRead(plan: Plan): number {
  return nodesOf(plan)
    .filter((node) => node['Node Type'].includes('Scan'))
    .map((node) => {
      const removed =
        (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
      return (node['Actual Rows'] + removed) * node['Actual Loops'];
    })
    .reduce((sum, rows) => sum + rows, 0);
}

describe('on a million calls', () => {
  test('there are a million', async () => {
    const [row] = await db`select count(*)::int as calls from calls`;
    expect(row?.['calls']).toBe(CALLS);
  });

  test.each([
    ['the first page', undefined],
    ['a page in the middle', middle],
  ])(
    '%s is read by index, whatever is asked for',
    async (_page, after) => {
      const found = [];
      for (const filters of combinations) {
        const plan = await explain(filters, after);
        const isScanned = nodesOf(plan).some((node) => node['Node Type'].includes('Seq Scan'));
        const rows = rowsRead(plan);
        if (isScanned || rows > MOST_ROWS) found.push({ filters, isScanned, rows });
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
    for (const after of [undefined, middle]) {
      const plan = await explain(filters, after);
      // An extension's calls are looked up one by one: each is read in both tables.
      expect(rowsRead(plan)).toBeLessThan(3 * LIMIT);
    }
  });
});
