import type { Pool } from '../db.ts';
import { log } from '../lambda/log.ts';
import type { WatchedQueue } from '../watched-queue.ts';
import type { Services } from './services.schema.ts';
import * as sql from './services.sql.ts';
import template from './template.json' with { type: 'json' };

type Dependencies = {
  db: Pool;
  version: string;
  queues: Record<string, Pick<WatchedQueue, 'figures'>>;
  storage: ReachStorage | undefined;
};

/** Rejects when the storage of the recordings does not answer. */
export type ReachStorage = () => Promise<unknown>;

const SLOW_MS = 250;

export const scheduleNames: string[] = template.schedules.map(({ name }) => name);

/** How everything that runs is. What is away is said to be away, and the rest is shown all the same. */
export async function describeServices({
  db,
  version,
  queues,
  storage,
}: Dependencies): Promise<Services> {
  const started = performance.now();
  const database = await sql.describeDatabase(db);
  const answerMs = Math.round(performance.now() - started);
  const [runs, failures, waits, boxes, stored] = await Promise.all([
    sql.listLastRuns(db, scheduleNames),
    sql.listLastFailures(db, scheduleNames),
    sql.loadWaits(db),
    sql.listBoxes(db),
    storage && stateOfStorage(storage),
  ]);
  const { used, most, sizeBytes } = database;
  return {
    version,
    functions: template.functions,
    queues: await Promise.all(
      template.queues.map(async (queue) => ({
        ...queue,
        ...(await figuresOf(queue.name, queues[queue.name])),
        oldest_seconds: waits[queue.name] ?? null,
      })),
    ),
    schedules: template.schedules.map((schedule) => ({
      ...schedule,
      last_run: toRun(runs.find(({ name }) => name === schedule.name)),
      last_failure: toRun(failures.find(({ name }) => name === schedule.name)),
    })),
    boxes: boxes.map((box) => ({
      enterprise_number: box.enterpriseNumber,
      name: box.name,
      last_event_at: box.lastEventAt?.toISOString() ?? null,
      checked_at: box.checkedAt?.toISOString() ?? null,
      last_seen_at: box.lastSeenAt?.toISOString() ?? null,
      problem: box.problem,
      asterisk: box.version,
      channels: box.channels,
      latency_ms: box.latencyMs,
      clock_difference_ms: box.clockOffsetMs,
      host_key_changed: box.hostKeyChanged,
    })),
    database: {
      state: answerMs > SLOW_MS ? 'slow' : 'connected',
      answer_ms: answerMs,
      version: database.version,
      size_bytes: sizeBytes,
      connections: { used, most },
    },
    storage: stored ?? null,
  };
}

/** Whether the storage answers, and if not why. */
export async function stateOfStorage(reach: ReachStorage) {
  try {
    await reach();
    return { state: 'connected' as const, problem: null };
  } catch (error) {
    log.warn('storage cannot be reached', { error: error instanceof Error ? error : undefined });
    return { state: 'unreachable' as const, problem: 'Хранилище не отвечает' };
  }
}

async function figuresOf(name: string, queue: Pick<WatchedQueue, 'figures'> | undefined) {
  const unknown = { depth: null, in_flight: null, dead_letters: null };
  if (!queue) return { ...unknown, problem: 'Адрес очереди не задан' };
  try {
    const { depth, inFlight, deadLetters } = await queue.figures();
    return { depth, in_flight: inFlight, dead_letters: deadLetters, problem: null };
  } catch (error) {
    log.warn('queue cannot be asked', {
      queue: name,
      error: error instanceof Error ? error : undefined,
    });
    return { ...unknown, problem: 'Очередь не отвечает' };
  }
}

function toRun(row: sql.RunRow | undefined) {
  if (!row) return null;
  const { id, startedAt, finishedAt, result, counts } = row;
  return {
    id,
    started_at: startedAt.toISOString(),
    finished_at: finishedAt?.toISOString() ?? null,
    ok: result === null ? null : result === 'done',
    result,
    counts: counts ?? {},
  };
}
