import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process for certain: its number alone may have been given to another one since. */
export type ProcessId = { pid: number; started: string };

export function processId(pid: number): ProcessId | undefined {
  const started = startOf(pid);
  return started === undefined ? undefined : { pid, started };
}

export function isRunning({ pid, started }: ProcessId): boolean {
  return startOf(pid) === started;
}

export async function waitForEnd(id: ProcessId, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isRunning(id)) {
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended in the meantime.
  }
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ps(pid, 'command') ?? '';
  }
}

/** The nearest process above this one whose command contains the text. */
export function ancestor(text: string): ProcessId | undefined {
  for (let pid = process.ppid; pid > 1; pid = Number(fieldOf(pid, 'ppid'))) {
    if (commandOf(pid).includes(text)) return processId(pid);
  }
  return undefined;
}

function startOf(pid: number): string | undefined {
  return fieldOf(pid, 'state') === 'Z' ? undefined : fieldOf(pid, 'start');
}

/** Positions in /proc/<pid>/stat, counted after the name of the program, and what `ps` calls the same. */
const FIELDS = {
  state: { position: 0, ps: 'state' },
  ppid: { position: 1, ps: 'ppid' },
  start: { position: 19, ps: 'lstart' },
} as const;

function fieldOf(pid: number, field: keyof typeof FIELDS): string | undefined {
  if (process.platform !== 'linux') return ps(pid, FIELDS[field].ps);
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may itself hold blanks and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[FIELDS[field].position];
  } catch {
    return undefined;
  }
}

function ps(pid: number, field: string): string | undefined {
  try {
    const output = execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)], { stdio: 'pipe' });
    return output.toString().trim() || undefined;
  } catch {
    return undefined;
  }
}
