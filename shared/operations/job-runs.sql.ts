import * as z from 'zod';

import type { Db } from '../db.ts';

const Id = z.object({ id: z.coerce.string() });

/** Notes that a scheduled job began; returns the run's id. */
export async function startJobRun(db: Db, name: string): Promise<string> {
  const [row] = await db`
    insert into job_runs (name)
    values (${name})
    returning id`;
  return Id.parse(row).id;
}

/** Notes how a run ended. */
export async function finishJobRun(
  db: Db,
  id: string,
  { result, counts }: { result: string; counts: Record<string, number> },
): Promise<void> {
  await db`
    update job_runs
    set finished_at = now(), result = ${result}, counts = ${db.json(counts)}
    where id = ${id}`;
}
