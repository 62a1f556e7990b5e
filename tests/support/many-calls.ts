import { readFileSync } from 'node:fs';

import * as z from 'zod';

import type { CallFilters, CallPlace } from '../../shared/calls/call-list.sql.ts';
import type { Pool, Transaction } from '../../shared/db.ts';

export const CALLS = 1_000_000;
/** A tenth of all calls is of this enterprise, the rest of 90 others: it is the one that is asked for. */
export const LARGE = '0001';
const OTHERS = 90;

/** A million calls of 91 enterprises, `u1` the newest, with the extensions that took part. Half a minute. */
export async function storeManyCalls(db: Pool): Promise<void> {
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
}

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

/** What may be chosen: each filter alone and with every other. */
const CHOICES: CallFilters[][] = [
  [{}, { from: day('2026-06-01'), to: day('2026-06-07') }],
  [{}, { phone: '375291000037' }, { phone: '1000037' }],
  [{}, { extension: '152' }],
  [{}, { direction: 'in' }, { direction: 'internal' }],
  [{}, { status: 'answered' }, { status: 'lost_in_transfer' }],
  [{}, { source: 'live' }, { source: 'downloaded' }],
];
export const EVERY_FILTER = CHOICES.reduce<CallFilters[]>(
  (made, choices) => made.flatMap((one) => choices.map((choice) => ({ ...one, ...choice }))),
  [{}],
);
/** A call in the middle of the list. */
export const MIDDLE: CallPlace = {
  startedAt: '2026-06-04T12:00:00.000000Z',
  id: '80000000-0000-4000-8000-000000000000',
};
