import packageJson from '../../package.json' with { type: 'json' };
import { insertAudit } from '../audit/audit.sql.ts';
import { doneBy } from '../audit/done-by.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import type { Route } from '../lambda/http.ts';
import type { Invoke } from '../lambda/invoke.ts';
import { guardedRoute } from '../lambda/route.ts';
import type { WatchedQueue } from '../watched-queue.ts';
import { createRedrive } from './redrive.ts';
import * as contract from './services.schema.ts';
import { describeServices, type ReachStorage, scheduleNames } from './services.ts';

type Dependencies = {
  db: Pool;
  queues: Record<string, WatchedQueue>;
  /** Rejects when the storage does not answer; undefined: none is configured. */
  storage?: ReachStorage | undefined;
  invoke: Invoke;
};

export function serviceRoutes({ db, queues, storage, invoke }: Dependencies): Route[] {
  const { version } = packageJson;
  const redrive = createRedrive({ db, queues });

  return [
    guardedRoute(contract.getServices, async () => ({
      status: 200,
      body: await describeServices({ db, version, queues, storage }),
    })),

    guardedRoute(contract.redriveQueue, async ({ params, ...request }, caller) => ({
      status: 202,
      body: { job_id: await redrive.begin(params.queue, doneBy(request, caller)) },
    })),

    guardedRoute(contract.runSchedule, async ({ params: { job }, ...request }, caller) => {
      if (!scheduleNames.includes(job)) throw new AppError('not_found', 'Такого расписания нет');
      await invoke(job);
      await insertAudit(db, doneBy(request, caller), { action: 'schedule.run', subject: job });
      return { status: 202, body: { success: true, job } };
    }),
  ];
}
