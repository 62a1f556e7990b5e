import * as z from 'zod';

import type { Db } from '../db.ts';

export const RUN_KINDS = ['schedule', 'admin', 'server', 'import'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

const Started = z.object({ id: z.coerce.string(), startedAt: z.date() });

export async function startRun(db: Db, kind: RunKind): Promise<z.output<typeof Started>> {
  const [row] = await db`
    insert into sync_runs (kind)
    values (${kind})
    returning id, started_at`;
  return Started.parse(row);
}

export async function finishRun(
  db: Db,
  id: string,
  { error = null, counts }: { error?: string | null; counts?: Record<string, number> },
): Promise<void> {
  await db`
    update sync_runs
    set finished_at = clock_timestamp(), result = ${error === null ? 'done' : 'failed'}, error = ${error},
        counts = ${counts ? db.json(counts) : null}
    where id = ${id}`;
}

const Run = z.object({
  kind: z.enum(RUN_KINDS),
  startedAt: z.date(),
  finishedAt: z.date().nullable(),
  result: z.enum(['done', 'failed']).nullable(),
  error: z.string().nullable(),
  counts: z.record(z.string(), z.number()).nullable(),
});
export type Run = z.output<typeof Run>;

/** Of all servers, not of one. */
export async function findLastRun(db: Db): Promise<Run | undefined> {
  const [row] = await db`
    select kind, started_at, finished_at, result, error, counts
    from sync_runs
    where kind in ('schedule', 'admin')
      and finished_at is not null
    order by started_at desc
    limit 1`;
  return row && Run.parse(row);
}

/** One sync at a time writes; until the end of the transaction. */
export async function lockSyncs(tx: Db): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('hosting sync'))`;
}
