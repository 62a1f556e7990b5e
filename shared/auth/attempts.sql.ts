import * as z from 'zod';

import type { Pool } from '../db.ts';

const MAX_FAILURES = 5;
const WINDOW = '15 minutes';

const Wait = z.object({ seconds: z.number() });
const Noted = z.object({ id: z.string() });

/** `ids` is what to forget when the attempt was a success. */
export type Attempt = { allowed: true; ids: string[] } | { allowed: false; afterSeconds: number };

/**
 * Notes an attempt as failed before it is known to be: of many that come at once no more are tried than are allowed.
 * One that is turned away is not noted, or a blocked network could lock out any login it likes.
 */
export async function beginAttempt(db: Pool, keys: Buffer[]): Promise<Attempt> {
  // In hex, because the driver sends no arrays of bytes; sorted, so that everybody locks in the same order.
  const sorted = keys.map((key) => key.toString('hex')).toSorted();
  return db.begin(async (tx) => {
    for (const key of sorted) {
      await tx`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`;
    }
    await tx`
      delete from login_failures
      where id in (
        select id
        from login_failures
        where failed_at < clock_timestamp() - ${WINDOW}::interval
        for update skip locked
      )`;
    const [wait] = await tx`
      select ceil(extract(epoch from max(nth) + ${WINDOW}::interval - clock_timestamp()))::int as seconds
      from unnest(${sorted}::text[]) as wanted
      cross join lateral (
        select failed_at as nth
        from login_failures
        where key = decode(wanted, 'hex')
        order by failed_at desc
        offset ${MAX_FAILURES - 1}
        limit 1
      ) as full_key
      having count(*) > 0`;
    if (wait) return { allowed: false, afterSeconds: Math.max(1, Wait.parse(wait).seconds) };
    const rows = await tx`
      insert into login_failures (key)
      select decode(wanted, 'hex')
      from unnest(${sorted}::text[]) as wanted
      returning id`;
    const ids = Noted.array()
      .parse([...rows])
      .map(({ id }) => id);
    return { allowed: true, ids };
  });
}

export async function forgetAttempt(db: Pool, ids: string[]): Promise<void> {
  await db`
    delete from login_failures
    where id = any(${ids}::bigint[])`;
}
