import { setTimeout as sleep } from 'node:timers/promises';

import type { Pool } from '../db.ts';
import type { Counts } from '../lambda/schedule.ts';
import { formatInZone } from '../zoned-time.ts';
import {
  countExpired,
  type Expiring,
  finishDeletions,
  listRetentions,
  listUnconfirmed,
  noteProblem,
  planExpired,
  type PlannedDeletion,
  planUnconfirmed,
  withoutHeld,
} from './deletions.sql.ts';
import { RecordingSettings } from './settings.ts';
import { DELETE_BATCH, type Store } from './store.ts';

/** On the clock of the enterprise: nobody listens then. */
const HOUR = 3;
/** Hetzner allows 750 requests a second; a batch is one, and deletes up to a thousand. */
const REQUESTS_PER_SECOND = 500;
const TRIES = 3;
const UNCONFIRMED_FOR_MS = 24 * 3_600_000;
const DAY_MS = 86_400_000;
const USUAL_DAYS = RecordingSettings.shape.retention_days.parse(undefined);

type Dependencies = {
  db: Pool;
  store: Pick<Store, 'deleteMany'>;
  clock?: () => Date;
  /** When to stop taking new batches, in ms since the epoch: what is left goes the next time. */
  deadline?: () => number;
  batch?: number;
};

export type CleanupOptions = {
  /** Only these, whatever their clock shows. */
  enterprises?: string[];
  /** Deletes nothing; says what would go. */
  dryRun?: boolean;
};

/**
 * Deletes what is past its time, of the enterprises whose clock shows three at night. What goes is found by index, so
 * it costs what is deleted and not what is kept. It can die at any moment: the plan is in the journal before a file
 * goes, and a file that is gone already is no error.
 */
export function createCleanup(dependencies: Dependencies) {
  const { db, store, clock = () => new Date(), batch = DELETE_BATCH } = dependencies;
  const { deadline = () => Infinity } = dependencies;

  return async function clean({
    enterprises,
    dryRun = false,
  }: CleanupOptions = {}): Promise<Counts> {
    const now = clock();
    const counts: Counts = { enterprises: 0, deleted: 0, failed: 0, bytes: 0 };
    const all = await listRetentions(db, USUAL_DAYS);
    const due = all.filter(({ number, timezone }) =>
      enterprises ? enterprises.includes(number) : hourOf(now, timezone) === HOUR,
    );
    for (const { number, days } of due) {
      const expiring = { enterpriseNumber: number, before: new Date(+now - days * DAY_MS) };
      counts['enterprises'] = (counts['enterprises'] ?? 0) + 1;
      if (dryRun) {
        const { files, bytes } = await countExpired(db, expiring);
        counts[`would delete of ${number}`] = files;
        counts['bytes'] = (counts['bytes'] ?? 0) + bytes;
      } else {
        add(counts, await deleteExpired(expiring));
      }
      if (Date.now() > deadline()) break;
    }
    if (!dryRun) add(counts, await clearUnconfirmed(now));
    return counts;
  };

  async function deleteExpired(expiring: Expiring): Promise<Counts> {
    const counts: Counts = { deleted: 0, failed: 0 };
    for (;;) {
      const options = { reason: 'retention', limit: batch };
      const planned = await withoutHeld(db, await planExpired(db, expiring, options));
      if (planned.length === 0) return counts;
      const failed = await deletePlanned(planned);
      counts['deleted'] = (counts['deleted'] ?? 0) + planned.length - failed.length;
      counts['failed'] = (counts['failed'] ?? 0) + failed.length;
      // What the store does not let go would be found again at once.
      if (failed.length > 0 || planned.length < batch || Date.now() > deadline()) return counts;
      await sleep(1000 / REQUESTS_PER_SECOND);
    }
  }

  /** Returns those that are still there. */
  async function deletePlanned(planned: PlannedDeletion[]): Promise<PlannedDeletion[]> {
    let left = planned;
    let problems = new Map<string, string>();
    for (let attempt = 1; attempt <= TRIES && left.length > 0; attempt += 1) {
      if (attempt > 1) await sleep(100 * 2 ** attempt);
      const refused = await store.deleteMany(left.map(({ name }) => name));
      problems = new Map(refused.map(({ key, problem }) => [key, problem]));
      await finishDeletions(
        db,
        left.filter(({ name }) => !problems.has(name)),
      );
      left = left.filter(({ name }) => problems.has(name));
    }
    for (const { id, name } of left) await noteProblem(db, id, problems.get(name) ?? '');
    return left;
  }

  async function clearUnconfirmed(now: Date): Promise<Counts> {
    const before = new Date(+now - UNCONFIRMED_FOR_MS);
    const rows = await listUnconfirmed(db, before, batch);
    const planned = await planUnconfirmed(
      db,
      rows.map(({ id }) => id),
    );
    const failed = await deletePlanned(planned);
    return { unconfirmed: planned.length - failed.length };
  }
}

function add(counts: Counts, more: Counts): void {
  for (const [name, count] of Object.entries(more)) counts[name] = (counts[name] ?? 0) + count;
}

function hourOf(moment: Date, timezone: string): number {
  return Number(formatInZone(moment, timezone).slice(11, 13));
}
