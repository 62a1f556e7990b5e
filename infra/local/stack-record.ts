import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { PlainError } from './plain-error.ts';
import { isRunning, type ProcessId, processId, signal, waitForEnd } from './processes.ts';

type StackRecord = { main: ProcessId; parts: ProcessId[] };

const fileOf = (dataFolder: string): string => path.join(dataFolder, 'stack.json');

/** Fails when a stack is using this data folder. */
export function refuseWhileRunning(dataFolder: string, instead: string): void {
  const record = read(dataFolder);
  if (!record || !isRunning(record.main)) return;
  throw new PlainError(
    `The stack of this folder is running already (process ${record.main.pid}). ${instead}`,
  );
}

/**
 * Waits for the parts of a stack that was killed, and ends those that do not end by themselves.
 * Returns true when there was such a stack.
 */
export async function endLeftovers(dataFolder: string): Promise<boolean> {
  const record = read(dataFolder);
  if (!record) return false;
  for (const part of record.parts) {
    if (await waitForEnd(part, 5_000)) continue;
    signal(part.pid, 'SIGKILL');
    await waitForEnd(part, 5_000);
  }
  forget(dataFolder);
  return true;
}

export function remember(dataFolder: string, partPids: number[]): void {
  const record: StackRecord = {
    main: known(process.pid),
    parts: partPids.flatMap((pid) => processId(pid) ?? []),
  };
  writeFileSync(fileOf(dataFolder), JSON.stringify(record));
}

export function forget(dataFolder: string): void {
  rmSync(fileOf(dataFolder), { force: true });
}

function known(pid: number): ProcessId {
  return processId(pid) ?? { pid, started: 'unknown' };
}

function read(dataFolder: string): StackRecord | undefined {
  try {
    const record: StackRecord = JSON.parse(readFileSync(fileOf(dataFolder), 'utf8'));
    return record;
  } catch {
    return undefined;
  }
}
