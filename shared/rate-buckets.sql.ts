import * as z from 'zod';

import type { Db } from './db.ts';

const Bucket = z.object({ granted: z.boolean(), tokens: z.number() });

export type BucketRule = {
  key: string;
  perSecond: number;
  burst: number;
  /** Tokens that must be left afterwards: the less urgent ask for more. */
  reserve?: number;
  /** The time to reckon with, instead of the database's own. */
  at?: Date | undefined;
};

/**
 * Takes one token of a bucket that all instances share, in one statement.
 * Returns 0 when it was granted, else the seconds until it can be.
 */
export async function takeToken(
  db: Db,
  { key, perSecond, burst, reserve = 0, at }: BucketRule,
): Promise<number> {
  const now = timeOf(db, at);
  const available = db`
    least(
      ${burst}::float8,
      bucket.tokens + greatest(0, extract(epoch from ${now} - bucket.updated_at)) * ${perSecond}::float8
    )`;
  const [row] = await db`
    insert into rate_buckets as bucket (key, tokens, granted, updated_at)
    values (${key}, ${burst}::float8 - 1, true, ${now})
    on conflict (key) do update
    set granted = ${available} >= 1 + ${reserve}::float8,
        tokens = ${available} - case when ${available} >= 1 + ${reserve}::float8 then 1 else 0 end,
        updated_at = ${now}
    returning granted, tokens`;
  const { granted, tokens } = Bucket.parse(row);
  return granted ? 0 : Math.max(0.1, (1 + reserve - tokens) / perSecond);
}

/** Takes one token whether there is one or not: for what cannot wait. The debt is at most one burst. */
export async function spendToken(
  db: Db,
  { key, perSecond, burst }: Pick<BucketRule, 'key' | 'perSecond' | 'burst'>,
): Promise<void> {
  await db`
    insert into rate_buckets as bucket (key, tokens, granted, updated_at)
    values (${key}, ${burst}::float8 - 1, true, clock_timestamp())
    on conflict (key) do update
    set granted = true,
        tokens = greatest(
          -${burst}::float8,
          least(
            ${burst}::float8,
            bucket.tokens + greatest(0, extract(epoch from clock_timestamp() - bucket.updated_at)) * ${perSecond}::float8
          ) - 1
        ),
        updated_at = clock_timestamp()`;
}

/** A token that was taken and not used after all. */
export async function returnToken(
  db: Db,
  { key, burst }: Pick<BucketRule, 'key' | 'burst'>,
): Promise<void> {
  await db`update rate_buckets set tokens = least(${burst}::float8, tokens + 1) where key = ${key}`;
}

/** The other side named a time: nothing more is granted until then. */
export async function emptyBucket(
  db: Db,
  { key, perSecond, at }: Pick<BucketRule, 'key' | 'perSecond' | 'at'>,
  seconds: number,
): Promise<void> {
  const tokens = 1 - seconds * perSecond;
  await db`
    insert into rate_buckets (key, tokens, granted, updated_at)
    values (${key}, ${tokens}, false, ${timeOf(db, at)})
    on conflict (key) do update
    set tokens = least(rate_buckets.tokens, excluded.tokens), granted = false, updated_at = excluded.updated_at`;
}

function timeOf(db: Db, at: Date | undefined) {
  return at ? db`${at}::timestamptz` : db`clock_timestamp()`;
}
