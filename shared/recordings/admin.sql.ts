import * as z from 'zod';

import type { Db } from '../db.ts';

const Day = z.object({ date: z.string(), calls: z.number(), downloaded: z.number() });

/** Calls per day on the clock of the enterprise, and how many of them came afterwards. */
export async function countGaps(
  db: Db,
  { number, timezone, from, to }: { number: string; timezone: string; from: Date; to: Date },
): Promise<z.output<typeof Day>[]> {
  const rows = await db`
    select
      to_char(started_at at time zone ${timezone}, 'YYYY-MM-DD') as date,
      count(*)::int as calls,
      count(*) filter (where source = 'downloaded')::int as downloaded
    from calls
    where enterprise_number = ${number}
      and started_at between ${from} and ${to}
      and merged_into is null
    group by 1
    order by 1 desc
    limit 400`;
  return Day.array().parse([...rows]);
}

const Look = z.object({
  ranAt: z.date().nullable(),
  reachedAt: z.date().nullable(),
  problem: z.string().nullable(),
  counts: z.record(z.string(), z.number()),
  cdrWithoutIds: z.boolean(),
});

/** The last look at the box. */
export async function findLook(db: Db, number: string): Promise<z.output<typeof Look> | undefined> {
  const [row] = await db`
    select ran_at, reached_at, problem, counts, cdr_without_ids
    from recording_syncs
    where enterprise_number = ${number}`;
  return row && Look.parse(row);
}

const Usage = z.object({
  enterpriseNumber: z.string(),
  name: z.string(),
  month: z.string(),
  files: z.number(),
  bytes: z.number(),
  traffic: z.number(),
});
export type UsageRow = z.output<typeof Usage>;

/** What is stored, by enterprise and month, in one query over our own rows. */
export async function sumUsage(db: Db): Promise<UsageRow[]> {
  const rows = await db`
    select
      recordings.enterprise_number,
      enterprises.name,
      to_char(recordings.started_at at time zone enterprises.timezone, 'YYYY-MM') as month,
      count(*)::int as files,
      sum(recordings.size)::float8 as bytes,
      sum(recordings.size * recordings.opens)::float8 as traffic
    from recordings
    join enterprises on enterprises.number = recordings.enterprise_number
    where recordings.state = 'stored'
    group by 1, 2, 3
    order by 1, 3`;
  return Usage.array().parse([...rows]);
}

const Orphan = z.object({
  key: z.string(),
  kind: z.string(),
  enterpriseNumber: z.string().nullable(),
  size: z.coerce.number(),
  foundAt: z.date(),
});

/** What the nightly comparison found, newest first. */
export async function listOrphans(
  db: Db,
  limit: number,
): Promise<{ orphans: z.output<typeof Orphan>[]; total: number }> {
  const rows = await db`
    select key, kind, enterprise_number, size, found_at
    from recording_orphans
    order by found_at desc, key
    limit ${limit}`;
  const [count] = await db`select count(*)::int as total from recording_orphans`;
  return {
    orphans: Orphan.array().parse([...rows]),
    total: z.object({ total: z.number() }).parse(count).total,
  };
}
