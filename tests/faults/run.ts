// npm run test:faults [-- --only <name>] [-- --runs 3] [-- --calls 18]: breaks one thing after the other while calls
// come in, people click and recordings are fetched, on a local stack of its own, and counts what the outside world has seen. Ends with 1 when anything was lost,
// doubled, out of order or stuck.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import postgres from 'postgres';

import { checkout } from '../../infra/local/folders.ts';
import type { Stack } from '../../infra/local/stack.ts';
import { startOwnStack } from '../bench/own-stack.ts';
import { describeMachine } from '../bench/report.ts';
import { settle } from './count.ts';
import type { Counted, Fault, World } from './fault.ts';
import { FAULTS } from './faults.ts';
import { makeCalls } from './load.ts';
import { startRefusingStore } from './refusing-store.ts';
import { createTenants, type Tenant } from './tenants.ts';

type Outcome = Counted & { run: number; fault: string; seconds: number };

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

const store = await startRefusingStore();
let stack: Stack | undefined;
const outcomes: Outcome[] = [];
try {
  stack = await startOwnStack(over.signal, { name: 'faults', S3_ENDPOINT: store.url });
  store.leadTo(stack.ports.aws);
  const world = { stack, store, calls: Number(values.calls) };
  const tenants = await createTenants(stack, TENANTS);
  await warmUp(stack, tenants);
  for (let run = 1; run <= Number(values.runs); run += 1) {
    for (const fault of chosen) {
      over.signal.throwIfAborted();
      const outcome = await judge({ ...world, tenants }, fault, run);
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
  store.stop();
  process.exit();
}

/** Cold functions are another benchmark: a post that waits for one would be repeated as if it had failed. */
async function warmUp(on: Stack, tenants: Tenant[]): Promise<void> {
  const db = postgres(on.environment['DATABASE_URL'] ?? '', { max: 1, onnotice: () => {} });
  await makeCalls(on, tenants, { calls: tenants.length, overMs: LOAD_MS });
  await settle(on, db);
  await db.end();
}

async function judge(world: Omit<World, 'db'>, fault: Fault, run: number): Promise<Outcome> {
  const began = Date.now();
  const url = world.stack.environment['DATABASE_URL'] ?? '';
  const db = postgres(url, { max: 2, onnotice: () => {} });
  try {
    const counted = await fault.judge({ ...world, db });
    return { run, fault: fault.name, ...counted, seconds: Math.round((Date.now() - began) / 1000) };
  } finally {
    await db.end({ timeout: 1 });
  }
}

function isSound(outcome: Outcome): boolean {
  const { accepted, stored, unanswered, owed, seen, doubled, lost, disordered, stuck } = outcome;
  const isWhole = stored >= accepted && stored <= accepted + unanswered && owed === seen;
  return isWhole && doubled + lost + disordered + stuck + outcome.missing === 0;
}

function table(rows: Outcome[]): string {
  const head = [
    'run',
    'fault',
    'accepted',
    'in database',
    'refused and repeated',
    'answers lost',
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
    row.unanswered,
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
