import middy from '@middy/core';
import type { Context } from 'aws-lambda';

import type { Pool } from '../db.ts';
import { finishJobRun, startJobRun } from '../operations/job-runs.sql.ts';
import { log } from './log.ts';
import { report } from './report.ts';

/** What a run did, in figures, for the services page. */
export type Counts = Record<string, number>;

/**
 * Wraps a scheduled job: every run is a row in `job_runs` with its result and counts. The schedule may deliver twice;
 * jobs are written so that this does no harm.
 */
export function schedule(db: Pool, name: string, run: () => Promise<Counts>) {
  return middy<unknown, Counts, Error, Context>()
    .before(({ context }) => log.addContext(context))
    .handler(async () => {
      const id = await startJobRun(db, name);
      try {
        const counts = await run();
        await finishJobRun(db, id, { result: 'done', counts });
        log.info('job done', { job: name, counts });
        return counts;
      } catch (error) {
        const result = error instanceof Error ? error.message : String(error);
        await report('job failed', error, { job: name });
        // The database may be what is broken: the job's own error is the one to be thrown.
        await finishJobRun(db, id, { result: `failed: ${result}`, counts: {} }).catch(() => {});
        throw error;
      }
    });
}
