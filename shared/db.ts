import { setTimeout as sleep } from 'node:timers/promises';

import postgres from 'postgres';

/** What a query function needs: a pool, or the handle of a transaction. */
export type Db = postgres.Sql | postgres.TransactionSql;
export type Pool = postgres.Sql;
export type Transaction = postgres.TransactionSql;

type Options = {
  /** Connections of one function instance. */
  max?: number;
  /** False saves a round trip on every new connection, but then arrays cannot be sent or read. */
  arrays?: boolean;
  /**
   * True plans each statement once per connection. For few statements that run often and always touch few rows:
   * planning a large one costs more than running it. Not where a plan depends on the values (lists with filters).
   */
  plansOnce?: boolean;
  /** For who waits for several locks at once, and is to go on without the one that another holds. */
  lockTimeoutMs?: number;
};

/** The driver's own makes a Date of a text too, and a Date has no microseconds: a cursor would skip its neighbours. */
const TIME = {
  to: 1184,
  from: [1082, 1114, 1184],
  serialize: (value: Date | string) => (value instanceof Date ? value.toISOString() : value),
  parse: (text: string) => new Date(text),
};

/** Connects on the first query. */
export function connect(
  url: string,
  { max = 1, arrays = true, plansOnce = false, lockTimeoutMs = 0 }: Options = {},
): Pool {
  return postgres(url, {
    max,
    idle_timeout: 60,
    connect_timeout: 5,
    fetch_types: arrays,
    onnotice: () => {},
    // A lock or a plan that went wrong must not hold a function until its own time limit.
    connection: {
      application_name: 'trunkline',
      statement_timeout: 10_000,
      ...(lockTimeoutMs > 0 && { lock_timeout: lockTimeoutMs }),
      ...(plansOnce && { plan_cache_mode: 'force_generic_plan' }),
    },
    // Columns only: `postgres.camel` would also rename the keys inside jsonb values.
    types: { date: TIME },
    transform: { column: { from: postgres.toCamel, to: postgres.fromCamel } },
  });
}

const DEAD_CONNECTION = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'ECONNRESET',
  'EPIPE',
  '57P01',
]);

/**
 * Work side by side in a transaction: it must not end while one of them still writes. Waits for all, then rejects as one
 * that failed.
 */
export async function allDone<T>(works: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

/**
 * Runs a read or an idempotent write, and once more when the connection turns out to be dead: an instance that was
 * frozen between two events may hold one.
 */
export async function repeatOnDeadConnection<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isDeadConnection(error)) throw error;
    return run();
  }
}

function isDeadConnection(error: unknown): boolean {
  return DEAD_CONNECTION.has(codeOf(error));
}

const AWAY = new Set(['CONNECT_TIMEOUT', 'ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ETIMEDOUT']);

/** Whether the server was not there: nothing else that is asked of it now succeeds either. */
export function isDatabaseAway(error: unknown): boolean {
  if (isDeadConnection(error)) return true;
  const code = codeOf(error);
  return AWAY.has(code) || /^(08|57P)/.test(code);
}

/**
 * Whether it was the server's state and not what was asked of it: gone, restarting, full, out of memory or disk, or a
 * lock that another held too long. The same statement may well succeed later.
 */
export function isDatabaseTrouble(error: unknown): boolean {
  return isDatabaseAway(error) || /^(40|53|55P03|58)/.test(codeOf(error));
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

const KEEP_WRITING_MS = 8_000;
const TRY_EVERY_MS = 200;

/**
 * Writes down what was done elsewhere and cannot be taken back, a message that was sent above all: forgotten, it would be
 * done again. Tries on for eight seconds while the database is away: a restart takes less. `write` has to be repeatable.
 */
export async function keepWriting<T>(write: () => Promise<T>): Promise<T> {
  const until = Date.now() + KEEP_WRITING_MS;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!isDatabaseTrouble(error) || Date.now() > until) throw error;
      await sleep(TRY_EVERY_MS);
    }
  }
}
