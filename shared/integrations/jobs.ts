import type { Caller } from '../auth/caller.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import { report } from '../lambda/report.ts';
import type { Counts } from '../lambda/schedule.ts';
import { findJob, type Job, noteFailure, type RunningJob, takeJob } from './jobs.sql.ts';

/** How far a job has come; `place` is where it goes on. */
export type JobProgress = {
  place: unknown;
  done: number;
  result: Record<string, unknown>;
  finished: boolean;
};

/** Does one part of a job and says so by its `advance`, in the transaction of the part where there is one. */
export type JobKind = (job: RunningJob) => Promise<void>;

type Dependencies = {
  db: Pool;
  kinds: Record<string, JobKind>;
  /** No new part is begun after so long. */
  budgetMs?: number;
};

const BUDGET_MS = 20_000;

/** Goes on with long work that requests began, part by part, until the time or the work is used up. */
export function createJobRunner({ db, kinds, budgetMs = BUDGET_MS }: Dependencies) {
  return async function runJobs(): Promise<Counts> {
    const until = performance.now() + budgetMs;
    const failed: string[] = [];
    let parts = 0;
    while (performance.now() < until) {
      const job = await takeJob(db, Object.keys(kinds), failed);
      if (!job) break;
      try {
        await kinds[job.kind]?.(job);
      } catch (error) {
        failed.push(job.id);
        await report('job part failed', error, { jobId: job.id });
        await noteFailure(db, job.id, 'Внутренняя ошибка');
      }
      parts += 1;
    }
    return { jobParts: parts };
  };
}

/** Another enterprise's job does not exist for an admin of this one. @throws AppError 404 */
export async function getJob(db: Pool, id: string, caller: Caller) {
  const job = await findJob(db, id);
  if (!job || !maySee(caller, job)) throw new AppError('not_found', 'Задача не найдена');
  const { kind, state, done, total, result, error, createdAt, finishedAt } = job;
  return {
    id,
    kind,
    state,
    progress: { done, total },
    result,
    error: state === 'failed' ? error : null,
    created_at: createdAt.toISOString(),
    finished_at: finishedAt?.toISOString() ?? null,
  };
}

function maySee(caller: Caller, { enterpriseNumber }: Job): boolean {
  if (caller.kind === 'superadmin') return true;
  return caller.kind !== 'key' && caller.enterpriseNumber === enterpriseNumber;
}
