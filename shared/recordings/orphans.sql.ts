import * as z from 'zod';

import type { Pool } from '../db.ts';

/** Keys and sizes of what the rows say is stored under a prefix. Keys are unique, so this is a walk of their index. */
export async function listDayRows(db: Pool, prefix: string): Promise<Map<string, number>> {
  const rows = await db`
    select key, size
    from recordings
    where key collate "C" >= ${prefix}
      and key collate "C" < ${`${prefix}~`}
      and state = 'stored'`;
  const Row = z.object({ key: z.string(), size: z.coerce.number() });
  return new Map(
    Row.array()
      .parse([...rows])
      .map(({ key, size }) => [key, size]),
  );
}

/** Of the days that have recordings the one that was compared longest ago. */
export async function nextOldDay(db: Pool, before: string): Promise<string | undefined> {
  const [row] = await db`
    with oldest as (
      select min(started_at)::date as day
      from recordings
      where state = 'stored'
    )
    select to_char(days.day, 'YYYY-MM-DD') as day
    from oldest
    cross join lateral generate_series(oldest.day, ${before}::date - 1, interval '1 day') as days (day)
    left join recording_orphan_days on recording_orphan_days.day = days.day::date
    order by recording_orphan_days.checked_at nulls first, days.day desc
    limit 1`;
  return z.object({ day: z.string() }).optional().parse(row)?.day;
}

/** Replaces what was known of the day. */
export async function saveDay(
  db: Pool,
  found: {
    day: string;
    prefix: string;
    objects: number;
    bytes: number;
    orphans: { key: string; kind: string; size: number }[];
  },
): Promise<void> {
  const { day, prefix, objects, bytes, orphans } = found;
  await db.begin(async (tx) => {
    await tx`
      delete from recording_orphans
      where starts_with(key, ${prefix})
        and key <> all(${orphans.map(({ key }) => key)}::text[])`;
    for (const orphan of orphans) {
      const enterpriseNumber = orphan.key.slice(prefix.length).split('/')[0] ?? null;
      await tx`
        insert into recording_orphans ${tx({ ...orphan, enterpriseNumber })}
        on conflict (key) do update
        set kind = excluded.kind, size = excluded.size, seen_at = now()`;
    }
    await tx`
      insert into recording_orphan_days (day, objects, bytes)
      values (${day}, ${objects}, ${bytes})
      on conflict (day) do update
      set checked_at = now(), objects = excluded.objects, bytes = excluded.bytes`;
  });
}
