// npm run bench [-- --only <name>] [-- --quick]: measures what docs and specification promise, and says whether it
// holds. A whole run writes docs/benchmarks.md; a part of it only prints.
import { parseArgs } from 'node:util';

import type { Stack } from '../../infra/local/stack.ts';
import { adminLists } from './admin-lists.ts';
import { asterisk } from './asterisk.ts';
import type { Benchmark, Options, Row } from './benchmark.ts';
import { chat } from './chat.ts';
import { cleanUp } from './clean-up.ts';
import { coldStart } from './cold-start.ts';
import { eventToCrm } from './event-to-crm.ts';
import { hangingCrm } from './hanging-crm.ts';
import { init } from './init.ts';
import { livePush } from './live-push.ts';
import { startOwnStack } from './own-stack.ts';
import { recordingCopy } from './recording-copy.ts';
import { describeMachine, FILE, table, writeReport } from './report.ts';
import { type Services, startServices } from './services.ts';
import { takeCallEvent } from './take-call-event.ts';
import { timewebSync } from './timeweb-sync.ts';
import { tracker } from './tracker.ts';

/** Those that need the same surroundings stand together: each change of them costs a start. */
const BENCHMARKS: Benchmark[] = [
  takeCallEvent,
  coldStart,
  init,
  tracker,
  asterisk,
  timewebSync,
  recordingCopy,
  cleanUp,
  adminLists,
  eventToCrm,
  chat,
  livePush,
  hangingCrm,
];
const LIMIT_MS = 20 * 60_000;

/** Promises, so that what is still starting is stopped too. */
type Running = { services?: Promise<Services>; stack?: Promise<Stack> };

const { only, quick } = readArguments();
const began = performance.now();
const machine = describeMachine();
const running: Running = {};
const over = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => over.abort(new Error(`stopped by ${name}`)));
}
// The database driver throws where nobody can catch it when its server is stopped in the middle of a query.
process.on('uncaughtException', (error) => over.abort(error));
const limit = setTimeout(
  () => over.abort(new Error('the time limit of the whole run is reached')),
  LIMIT_MS,
);

const stopped = new Promise<never>((_, reject) => {
  over.signal.addEventListener('abort', () => reject(over.signal.reason));
});
console.log(machine.join('\n'));
try {
  const rows = await Promise.race([runAll(), stopped]);
  console.log(`\n${table(rows)}\n`);
  if (only === undefined && !quick) {
    writeReport(machine, rows, (performance.now() - began) / 1000);
    console.log(`Written to ${FILE}`);
  }
  process.exitCode = rows.some(({ verdict }) => verdict === 'failed') ? 1 : 0;
} catch (error) {
  console.error(
    `\nThe benchmarks ended early: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.exitCode = 1;
} finally {
  clearTimeout(limit);
  await stopAll();
  process.exit();
}

async function runAll(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const benchmark of BENCHMARKS.filter(({ name }) => only === undefined || name === only)) {
    console.log(`\n${benchmark.name}: ${benchmark.says}`);
    try {
      rows.push(...(await runOne(benchmark)));
    } catch (error) {
      if (over.signal.aborted) throw error;
      console.error(error);
      rows.push(failure(benchmark, error));
    }
  }
  return rows;
}

async function runOne(benchmark: Benchmark): Promise<Row[]> {
  const options: Options = {
    quick,
    say: (line) => console.log(`  ${line}`),
    secondsLeft: () => (LIMIT_MS - (performance.now() - began)) / 1000,
  };
  if (benchmark.needs === 'services') {
    running.services ??= startServices();
    return benchmark.run(await running.services, options);
  }
  if (running.services) await stopAll();
  running.stack ??= startOwnStack(over.signal);
  return benchmark.run(await running.stack, options);
}

async function stopAll(): Promise<void> {
  const all = [running.services, running.stack].flatMap((each) => (each ? [each] : []));
  delete running.services;
  delete running.stack;
  const started = await Promise.allSettled(all);
  for (const each of started) if (each.status === 'fulfilled') await each.value.stop();
}

function failure({ name }: Benchmark, error: unknown): Row {
  const note = error instanceof Error ? error.message : String(error);
  return { what: name, goal: '', median: '', p95: '', verdict: 'failed', note };
}

function readArguments(): { only: string | undefined; quick: boolean } {
  const names = BENCHMARKS.map(({ name }) => name);
  const options = { only: { type: 'string' }, quick: { type: 'boolean', default: false } } as const;
  try {
    const { values } = parseArgs({ options });
    if (values.only !== undefined && !names.includes(values.only)) throw new Error('unknown name');
    return { only: values.only, quick: values.quick };
  } catch {
    console.error(`usage: npm run bench [-- --only <${names.join('|')}>] [-- --quick]`);
    process.exit(2);
  }
}
