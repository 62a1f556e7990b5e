import type { JSONValue } from 'postgres';
import * as z from 'zod';

import type { Db } from '../db.ts';
import type { JobProgress } from './jobs.ts';

const Job = z.object({
  id: z.string(),
  kind: z.string(),
  enterpriseNumber: z.string().nullable(),
  state: z.enum(['running', 'done', 'failed']),
  request: z.unknown(),
  place: z.unknown(),
  done: z.number(),
  total: z.number().nullable(),
  result: z.record(z.string(), z.unknown()).nullable(),
  error: z.string().nullable(),
  createdAt: z.date(),
  finishedAt: z.date().nullable(),
});
export type Job = z.output<typeof Job>;

/** A job that is this instance's for a while. */
export type RunningJob = Job & { advance: (db: Db, progress: JobProgress) => Promise<void> };

/** Longer than a part of any job takes. */
const LEASE = '2 minutes';
const MOST_FAILURES = 5;
const STILL_FRESH = '10 minutes';

type NewJob = {
  id: string;
  kind: string;
  enterpriseNumber: string | null;
  request: object;
  total: number | null;
};

/** The job is the caller's, who does the first part. */
export async function insertJob(db: Db, job: NewJob): Promise<RunningJob> {
  const { id, kind, enterpriseNumber, request, total } = job;
  const [row] = await db`
    insert into jobs (id, kind, enterprise_number, request, total, leased_until)
    values (${id}, ${kind}, ${enterpriseNumber}, ${db.json(toJson(request))}, ${total},
      now() + ${LEASE}::interval)
    returning ${columns(db)}`;
  return toRunning(Job.parse(row));
}

/** The oldest job that nobody is at, but none of these. */
export async function takeJob(
  db: Db,
  kinds: string[],
  but: string[],
): Promise<RunningJob | undefined> {
  const [row] = await db`
    update jobs
    set leased_until = now() + ${LEASE}::interval
    where id = (
      select id
      from jobs
      where state = 'running'
        and kind = any(${kinds}::text[])
        and id <> all(${but}::uuid[])
        and (leased_until is null or leased_until < now())
      order by created_at
      limit 1
      for update skip locked
    )
    returning ${columns(db)}`;
  return row && toRunning(Job.parse(row));
}

/** The same work, asked for again while it is under way or was done just now. */
export async function findSameJob(
  db: Db,
  { kind, enterpriseNumber, request }: Pick<NewJob, 'kind' | 'enterpriseNumber' | 'request'>,
): Promise<string | undefined> {
  const [row] = await db`
    select id
    from jobs
    where created_at > now() - interval '1 day'
      and (state = 'running' or (state = 'done' and finished_at > now() - ${STILL_FRESH}::interval))
      and kind = ${kind}
      and enterprise_number = ${enterpriseNumber}
      and request = ${db.json(toJson(request))}
    order by created_at desc
    limit 1`;
  return row && Job.pick({ id: true }).parse(row).id;
}

export async function findJob(db: Db, id: string): Promise<Job | undefined> {
  const [row] = await db`
    select ${columns(db)}
    from jobs
    where id = ${id}::uuid`;
  return row && Job.parse(row);
}

/** One part is done; the job is anybody's again. */
async function advanceJob(db: Db, id: string, progress: JobProgress): Promise<void> {
  const { place, done, result, finished } = progress;
  await db`
    update jobs
    set place = ${db.json(toJson(place))}, done = ${done}, result = ${db.json(toJson(result))}, failures = 0,
        state = ${finished ? 'done' : 'running'}, finished_at = case when ${finished} then now() end,
        leased_until = null, updated_at = now()
    where id = ${id}::uuid`;
}

/** A part that fails is tried again, a few times, by whoever comes next. */
export async function noteFailure(db: Db, id: string, error: string): Promise<void> {
  await db`
    update jobs
    set failures = failures + 1, error = ${error}, leased_until = null, updated_at = now(),
        state = case when failures + 1 >= ${MOST_FAILURES} then 'failed' else state end,
        finished_at = case when failures + 1 >= ${MOST_FAILURES} then now() end
    where id = ${id}::uuid`;
}

function columns(db: Db) {
  return db`
    id, kind, enterprise_number, state, request, place, done, total, result, error, created_at, finished_at`;
}

const toRunning = (job: Job): RunningJob => ({
  ...job,
  advance: (db, progress) => advanceJob(db, job.id, progress),
});

const toJson = (value: unknown) => JSON.parse(JSON.stringify(value ?? null)) as JSONValue;
