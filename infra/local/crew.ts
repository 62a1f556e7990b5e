import { shown } from './folders.ts';
import { type Part, type PartOptions, startPart, tailOf } from './part.ts';
import { PlainError } from './plain-error.ts';
import { forget, remember } from './stack-record.ts';

/** The child processes of one stack: started one by one, stopped in the opposite order, and all when one dies. */
export type Crew = {
  start(options: Omit<PartOptions, 'logFolder'>): Part;
  /** Aborted as soon as a part has died or the stack is told to stop. */
  readonly over: AbortSignal;
  /** Resolves, when all the others are stopped too, with what to say about the part that died. */
  readonly died: Promise<PlainError>;
  stop(): Promise<void>;
  kill(): void;
};

export function createCrew({
  dataFolder,
  logFolder,
}: {
  dataFolder: string;
  logFolder: string;
}): Crew {
  const parts: Part[] = [];
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
    if (over.signal.aborted) return;
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
      remember(
        dataFolder,
        parts.map(({ pid }) => pid),
      );
      void watch(part);
      return part;
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
