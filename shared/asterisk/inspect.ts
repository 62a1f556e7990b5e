import type { Pool as Db } from '../db.ts';
import { readCounts, readUptime, readVersion } from './answers.ts';
import { AsteriskError, type AsteriskProblem } from './asterisk-error.ts';
import type { Box } from './box.ts';
import { countChannels, showUptime, showVersion } from './commands.ts';
import { saveHost, type Seen } from './hosts.sql.ts';
import { deadlineIn, type Pool } from './pool.ts';

export type Inspected = Seen & { kind: AsteriskProblem | null };

const LIMIT_MS = 15_000;
const NOTHING: Inspected = {
  kind: null,
  problem: null,
  version: null,
  uptimeSeconds: null,
  channels: null,
  calls: null,
  latencyMs: null,
  clockOffsetMs: null,
  offeredHostKey: null,
};

/** Looks at a box and keeps what it saw. A box that does not answer is a finding, not an error. */
export async function inspectBox(
  db: Db,
  boxes: Pick<Pool, 'run' | 'readClock'>,
  box: Box,
): Promise<Inspected> {
  const seen = await look(boxes, box).catch((error: unknown): Inspected => {
    if (!(error instanceof AsteriskError)) throw error;
    const { problem: kind, message: problem, offeredKey } = error;
    return { ...NOTHING, kind, problem, offeredHostKey: offeredKey ?? null };
  });
  await saveHost(db, box.enterpriseNumber, seen);
  return seen;
}

async function look(boxes: Pick<Pool, 'run' | 'readClock'>, box: Box): Promise<Inspected> {
  const limit = { deadline: deadlineIn(LIMIT_MS) };
  // The first opens the connection, the second tells how far the box is.
  const text = await boxes.run(box, [showVersion(), showUptime(), countChannels()], limit);
  const asked = performance.now();
  await boxes.run(box, [showUptime()], limit);
  const latencyMs = Math.round((performance.now() - asked) * 10) / 10;
  const clock = await boxes.readClock(box, limit);
  const version = readVersion(text);
  if (version === undefined) throw new AsteriskError('booting');
  const { channels, calls } = readCounts(text) ?? { channels: null, calls: null };
  return {
    ...NOTHING,
    version,
    uptimeSeconds: readUptime(text) ?? null,
    channels,
    calls,
    latencyMs,
    clockOffsetMs: clock === undefined ? null : Math.round(clock - Date.now()),
  };
}
