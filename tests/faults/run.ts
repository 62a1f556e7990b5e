// npm run test:faults [-- --only <name>] [-- --runs 3] [-- --calls 18]: breaks one thing after the other while calls
// come in, on a local stack of its own, and counts what the outside world has seen. Ends with 1 when anything was lost,
// doubled, out of order or stuck.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import postgres from 'postgres';

import { checkout } from '../../infra/local/folders.ts';
import type { Stack } from '../../infra/local/stack.ts';
import { startOwnStack } from '../bench/own-stack.ts';
import { describeMachine } from '../bench/report.ts';
import { control } from '../bench/simulated-crm.ts';
import { countStored, settle, tally, type Tally } from './count.ts';
import { type Fault, FAULTS } from './faults.ts';
import { makeCalls } from './load.ts';
import { createTenants, type Tenant } from './tenants.ts';

type Outcome = Tally & { run: number; fault: string; refused: number; seconds: number };

const FILE = path.join(checkout, '.local', 'faults.md');
const TENANTS = 6;
const LOAD_MS = 6_000;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    runs: { type: 'string', default: '1' },
    calls: { type: 'string', default: '18' },
  },
});
const chosen = FAULTS.filter(({ name }) => !values.only || values.only.includes(name));
if (chosen.length === 0) {
  console.error(`There are ${FAULTS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const over = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => over.abort(new Error(`stopped by ${name}`)));

let stack: Stack | undefined;
const outcomes: Outcome[] = [];
try {
  stack = await startOwnStack(over.signal, 'faults');
  const tenants = await createTenants(stack, TENANTS);
  await warmUp(stack, tenants);
  for (let run = 1; run <= Number(values.runs); run += 1) {
    for (const fault of chosen) {
      over.signal.throwIfAborted();
      const outcome = await judge(stack, tenants, fault, run);
      outcomes.push(outcome);
      console.log(`${isSound(outcome) ? 'ok  ' : 'FAIL'} ${JSON.stringify(outcome)}`);
    }
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  const text = [
    describeMachine()
      .map((line) => `- ${line}`)
      .join('\n'),
    table(outcomes),
  ].join('\n\n');
  console.log(`\n${text}\n`);
  if (stack) writeFileSync(FILE, `${text}\n`);
  if (outcomes.length < chosen.length || !outcomes.every(isSound)) process.exitCode = 1;
  await stack?.stop();
  process.exit();
}

/** Cold functions are another benchmark: a post that waits for one would be repeated as if it had failed. */
async function warmUp(on: Stack, tenants: Tenant[]): Promise<void> {
  const db = postgres(on.environment['DATABASE_URL'] ?? '', { max: 1, onnotice: () => {} });
  await makeCalls(on, tenants, { calls: tenants.length, overMs: LOAD_MS });
  await settle(on, db);
  await db.end();
}

async function judge(on: Stack, tenants: Tenant[], fault: Fault, run: number): Promise<Outcome> {
  const began = Date.now();
  const db = postgres(on.environment['DATABASE_URL'] ?? '', { max: 2, onnotice: () => {} });
  try {
    await control(on, 'reset', {});
    await db`delete from rate_buckets`;
    const storedBefore = await countStored(db, tenants);
    const [load] = await Promise.all([
      makeCalls(on, tenants, {
        calls: Number(values.calls),
        overMs: LOAD_MS,
        wild: fault.wild ?? false,
      }),
      fault.happen(on),
    ]);
    await settle(on, db);
    const counted = await tally(on, db, { load, tenants, storedBefore });
    const seconds = Math.round((Date.now() - began) / 1000);
    return { run, fault: fault.name, ...counted, refused: load.refusals, seconds };
  } finally {
    await db.end({ timeout: 1 });
  }
}

function isSound(outcome: Outcome): boolean {
  const { accepted, stored, owed, seen, doubled, lost, disordered, stuck } = outcome;
  const isWhole = accepted === stored && owed === seen;
  return isWhole && doubled + lost + disordered + stuck + outcome.missing === 0;
}

function table(rows: Outcome[]): string {
  const head = [
    'run',
    'fault',
    'events accepted',
    'in database',
    'posts refused and repeated',
    'effects owed',
    'effects seen',
    'doubled',
    'lost',
    'out of order',
    'stuck',
    'seconds',
  ];
  const cells = rows.map((row) => [
    row.run,
    row.fault,
    row.accepted,
    row.stored,
    row.refused,
    row.owed,
    row.seen,
    row.doubled,
    row.lost,
    row.disordered,
    row.stuck,
    row.seconds,
  ]);
  return [head, head.map(() => '---'), ...cells]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n');
}
