import { readFileSync } from 'node:fs';

import type postgres from 'postgres';
import * as z from 'zod';

import { p95 } from '../bench/figures.ts';
import type { SoakLoad } from './load.ts';

const Row = z.object({
  connections: z.number(),
  eventAge: z.coerce.number(),
  deliveryAge: z.coerce.number(),
  behind: z.number(),
});

export type Sample = {
  seconds: number;
  /** Megabytes of each process of the stack. */
  memory: Record<string, number>;
  connections: number;
  /** Seconds that the oldest event, the oldest delivery that is due, have waited. */
  eventAge: number;
  deliveryAge: number;
  /** Calls that Telegram does not show as they are. */
  behind: number;
  /** Per second, since the last sample. */
  rate: number;
  /** Ms from when a post was due to its answer, of those since the last sample. */
  answerP95: number;
};

export function createSampler({
  db,
  record,
  load,
}: {
  db: postgres.Sql;
  record: () => number[];
  load: SoakLoad;
}): () => Promise<Sample> {
  const began = Date.now();
  let last = { at: began, accepted: 0 };
  return async () => {
    const [row] = await db`
      select
        (select count(*)::int from pg_stat_activity where application_name = 'trunkline') as connections,
        (
          select coalesce(extract(epoch from now() - min(received_at)), 0)
          from call_events
          where processed_at is null
            and failed_at is null
        ) as "eventAge",
        (
          select coalesce(extract(epoch from now() - min(next_attempt_at)), 0)
          from deliveries
          where state in ('pending', 'sending', 'retrying')
            and next_attempt_at < now()
        ) as "deliveryAge",
        (select count(*)::int from calls where telegram_version < version) as behind`;
    const now = Date.now();
    const rate = (1000 * (load.accepted - last.accepted)) / (now - last.at);
    last = { at: now, accepted: load.accepted };
    const latencies = load.latencies.splice(0);
    return {
      seconds: Math.round((now - began) / 1000),
      memory: Object.fromEntries(record().map((pid) => [nameOf(pid), megabytes(pid)])),
      ...Row.parse(row),
      rate: Math.round(rate),
      answerP95: latencies.length > 0 ? Math.round(p95(latencies)) : 0,
    };
  };
}

const NAMES = {
  'postgres-server': 'postgres (its launcher)',
  fauxqs: 'SQS and S3',
  'peers/server': 'outside world',
  serverless: 'functions',
};

function nameOf(pid: number): string {
  const command = readProc(pid, 'cmdline');
  const known = Object.entries(NAMES).find(([part]) => command.includes(part));
  return known?.[1] ?? String(pid);
}

function megabytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readProc(pid, 'status'))?.[1];
  return Math.round(Number(kilobytes ?? 0) / 1024);
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
