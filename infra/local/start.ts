// The local stack: npm start [-- --empty]. PORT_OFFSET=n shifts all ports.
import { parseArgs } from 'node:util';

import { dataFolderFor, shown } from './folders.ts';
import { PlainError, printable, reason } from './plain-error.ts';
import { readPortOffset } from './ports.ts';
import { ancestor, isRunning } from './processes.ts';
import { startStack } from './stack.ts';

/** npm passes a Ctrl-C on to its child, which has received it from the terminal as well: that is one Ctrl-C. */
const SAME_PRESS_MS = 1_000;

const stopping = new AbortController();
let stopAskedAt = 0;

function askToStop(why: string): void {
  if (!stopping.signal.aborted) {
    stopAskedAt = Date.now();
    console.log(`\n${why}: stopping. Once more to stop at once.`);
    stopping.abort();
  } else if (Date.now() - stopAskedAt > SAME_PRESS_MS) {
    // The parts see that this process is gone and end by themselves.
    console.error('Stopped at once.');
    process.exit(130);
  }
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => askToStop(name));

// Killing npm does not end what it started.
const npm = process.env['npm_lifecycle_event'] ? ancestor('npm') : undefined;
if (npm) setInterval(() => isRunning(npm) || askToStop('npm is gone'), 300).unref();

try {
  await run();
} catch (error) {
  if (!stopping.signal.aborted) {
    console.error(printable(error));
    process.exit(1);
  }
}
console.log('Stopped.');
process.exit(0);

async function run(): Promise<void> {
  const empty = readArguments();
  const portOffset = readPortOffset();
  const began = performance.now();
  console.log('Trunkline, local stack');
  const stack = await startStack({ portOffset, empty, signal: stopping.signal });

  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const folder = shown(dataFolderFor(portOffset));
  console.log(
    `\nReady in ${seconds} s. Ctrl-C stops it; the data stays in ${folder} until "npm run reset".`,
  );
  for (const { what, where } of stack.addresses) {
    console.log(`  ${what.padEnd(26)} ${where}`);
  }

  const asked = new Promise<undefined>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve(undefined));
    if (stopping.signal.aborted) resolve(undefined);
  });
  const death = await Promise.race([asked, stack.died]);
  await stack.stop();
  if (death) throw death;
}

function readArguments(): boolean {
  try {
    const { values } = parseArgs({ options: { empty: { type: 'boolean', default: false } } });
    return values.empty;
  } catch (error) {
    throw new PlainError(`${reason(error)}\nusage: npm start [-- --empty]`);
  }
}
