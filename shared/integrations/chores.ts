import type { Pool } from '../db.ts';
import type { Counts } from '../lambda/schedule.ts';
import type { Queue } from '../queue.ts';
import { createAlertCheck } from './alerts.ts';
import { createJobRunner, type JobKind } from './jobs.ts';
import { createReplay } from './replay.ts';

type Dependencies = {
  db: Pool;
  crm: Pick<Queue, 'sendAll'>;
  alert: (key: string, text: string) => Promise<void>;
  queues: Record<string, Pick<Queue, 'deadLetters'>>;
  /** Long work of others. */
  kinds?: Record<string, JobKind>;
};

/** What the sweeper does besides: goes on with long work, and tells the operator what he should know. */
export function integrationChores(dependencies: Dependencies): (() => Promise<Counts>)[] {
  const { db } = dependencies;
  const kinds = { ...createReplay(dependencies).kind, ...dependencies.kinds };
  return [createAlertCheck(dependencies), createJobRunner({ db, kinds })];
}
