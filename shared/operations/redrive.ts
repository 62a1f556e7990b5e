import { v7 as newUuid } from 'uuid';
import * as z from 'zod';

import { insertAudit } from '../audit/audit.sql.ts';
import type { DoneBy } from '../audit/done-by.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import { insertJob, type RunningJob } from '../integrations/jobs.sql.ts';
import type { JobKind } from '../integrations/jobs.ts';
import type { WatchedQueue } from '../watched-queue.ts';

type Dependencies = { db: Pool; queues: Record<string, Pick<WatchedQueue, 'figures' | 'redrive'>> };

export const REDRIVE = 'redrive';
const FIRST_CHUNK = 100;
const CHUNK = 500;
const Request = z.object({ queue: z.string() });

/** Puts dead letters back on their queue, after whatever crashed on them was repaired. */
export function createRedrive({ db, queues }: Dependencies) {
  async function advance(job: RunningJob, limit = CHUNK): Promise<void> {
    const { queue } = Request.parse(job.request);
    const moved = (await queues[queue]?.redrive(limit)) ?? 0;
    const done = job.done + moved;
    await job.advance(db, {
      place: null,
      done,
      result: { queue, moved: done },
      finished: moved < limit,
    });
  }

  return {
    /** Begins a job and does its first part; returns the job's id. @throws AppError 404 */
    async begin(queue: string, by: DoneBy): Promise<string> {
      const watched = Object.hasOwn(queues, queue) ? queues[queue] : undefined;
      if (!watched) throw new AppError('not_found', 'Такой очереди нет');
      const { deadLetters: total } = await watched.figures();
      const id = newUuid();
      const job = await db.begin(async (tx) => {
        const request = { queue };
        const begun = await insertJob(tx, {
          id,
          kind: REDRIVE,
          enterpriseNumber: null,
          request,
          total,
        });
        await insertAudit(tx, by, {
          action: 'queue.redrive',
          subject: queue,
          changes: [{ field: 'dead_letters', before: total, after: 0 }],
        });
        return begun;
      });
      await advance(job, FIRST_CHUNK);
      return id;
    },

    kind: { [REDRIVE]: advance } satisfies Record<string, JobKind>,
  };
}
