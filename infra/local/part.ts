import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { PlainError } from './plain-error.ts';
import { signal } from './processes.ts';

const STOP_TIMEOUT_MS = 10_000;
const TAIL_LINES = 20;

export type PartOptions = {
  name: string;
  /** Arguments of Node: a script and what it is given. */
  args: string[];
  environment: NodeJS.ProcessEnv;
  logFolder: string;
  cwd: string;
};

/** One child process of the stack. */
export type Part = {
  readonly name: string;
  readonly pid: number;
  readonly log: string;
  /** Resolves, with the reason in words, when the process has ended for whatever cause. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
  kill(): void;
};

/**
 * Starts a child in a process group of its own, so that a Ctrl-C reaches this process only and parts stop in order.
 * The channel to the child is what ends it when this process is killed: it then sees "disconnect".
 */
export function startPart({ name, args, environment, logFolder, cwd }: PartOptions): Part {
  const log = path.join(logFolder, `${name}.log`);
  const output = openLog(log);
  const child = spawn(process.execPath, args, {
    cwd,
    detached: true,
    env: environment,
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);

  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, by) =>
      resolve(by ? `was ended by ${by}` : `ended with code ${code}`),
    );
  });
  const { pid } = child;
  if (pid === undefined) throw new PlainError(`The part "${name}" could not be started.`);

  return {
    name,
    pid,
    log,
    ended,
    async stop() {
      child.kill('SIGTERM');
      const inTime = await Promise.race([
        ended.then(() => true),
        sleep(STOP_TIMEOUT_MS, false, { ref: false }),
      ]);
      if (!inTime) this.kill();
      await ended;
    },
    kill() {
      signal(-pid, 'SIGKILL');
    },
  };
}

/** The last lines that a part wrote, for the message about its end. */
export function tailOf(log: string): string {
  try {
    return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  } catch {
    return '';
  }
}

function openLog(log: string): number {
  try {
    renameSync(log, log.replace(/\.log$/, '.previous.log'));
  } catch {
    // The first start has nothing to keep.
  }
  return openSync(log, 'a');
}
