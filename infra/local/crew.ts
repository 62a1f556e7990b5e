import { setTimeout as sleep } from 'node:timers/promises';

import { shown } from './folders.ts';
import { type Part, type PartOptions, startPart, tailOf } from './part.ts';
import { PlainError } from './plain-error.ts';
import { signal } from './processes.ts';
import { forget, remember } from './stack-record.ts';

/** The child processes of one stack: started one by one, stopped in the opposite order, and all when one dies. */
export type Crew = {
  start(options: Omit<PartOptions, 'logFolder'>): Part;
  /** Aborted as soon as a part has died or the stack is told to stop. */
  readonly over: AbortSignal;
  /** Resolves, when all the others are stopped too, with what to say about the part that died. */
  readonly died: Promise<PlainError>;
  /** Ends a part and starts it anew after a while, as a fault that the rest has to survive. */
  interrupt(name: string, fault: Interruption): Promise<Part>;
  stop(): Promise<void>;
  kill(): void;
};

export type Interruption = {
  /** Killed at once, or told to stop. */
  how: 'killed' | 'stopped';
  /** Killed in its place, where a part is the launcher of another program: the launcher then ends by itself. */
  pid?: number | undefined;
  awayMs: number;
};

export function createCrew({
  dataFolder,
  logFolder,
}: {
  dataFolder: string;
  logFolder: string;
}): Crew {
  const parts: Part[] = [];
  const recipes = new Map<string, Omit<PartOptions, 'logFolder'>>();
  const interrupted = new Set<Part>();
  const over = new AbortController();
  const { promise: died, resolve: reportDeath } = Promise.withResolvers<PlainError>();
  let stopped: Promise<void> | undefined;

  async function stopAll(): Promise<void> {
    over.abort(new PlainError('The stack was stopped.'));
    for (const part of parts.toReversed()) await part.stop();
    forget(dataFolder);
  }

  async function watch(part: Part): Promise<void> {
    const how = await part.ended;
    if (over.signal.aborted || interrupted.has(part)) return;
    const error = new PlainError(`The part "${part.name}" ${how}. ${lastWords(part)}`);
    over.abort(error);
    await crew.stop();
    reportDeath(error);
  }

  const crew: Crew = {
    over: over.signal,
    died,
    start(options) {
      over.signal.throwIfAborted();
      const part = startPart({ ...options, logFolder });
      parts.push(part);
      recipes.set(part.name, options);
      remember(
        dataFolder,
        parts.map(({ pid }) => pid),
      );
      void watch(part);
      return part;
    },
    async interrupt(name, { how, awayMs, pid }) {
      const part = parts.find((candidate) => candidate.name === name);
      const recipe = recipes.get(name);
      if (!part || !recipe) throw new PlainError(`The stack has no part "${name}".`);
      interrupted.add(part);
      if (how === 'killed') {
        if (pid === undefined) part.kill();
        else signal(pid, 'SIGKILL');
        await part.ended;
      } else await part.stop();
      parts.splice(parts.indexOf(part), 1);
      await sleep(awayMs);
      return crew.start(recipe);
    },
    stop() {
      stopped ??= stopAll();
      return stopped;
    },
    kill() {
      for (const part of parts) part.kill();
    },
  };
  return crew;
}

function lastWords({ log }: Part): string {
  const tail = tailOf(log);
  return tail ? `The last lines of ${shown(log)}:\n\n${tail}\n` : 'It wrote nothing.';
}
