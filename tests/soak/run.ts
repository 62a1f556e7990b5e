// npm run soak [-- --minutes 60] [-- --rate 200] [-- --enterprises 80]: a mixed load on a local stack of its own: events of
// calls, people who read lists. Every few seconds memory, connections and ages are noted; at the end they are drawn.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import postgres from 'postgres';
import * as z from 'zod';

import { checkout } from '../../infra/local/folders.ts';
import { startOwnStack } from '../bench/own-stack.ts';
import { describeMachine } from '../bench/report.ts';
import { createTenants } from '../faults/tenants.ts';
import { becomesEmpty, createLoad } from './load.ts';
import { draw } from './picture.ts';
import { createSampler, type Sample } from './sample.ts';

const FOLDER = path.join(checkout, '.local', 'soak-output');
const EVERY_MS = 5_000;
const Settings = z.object({
  minutes: z.coerce.number().positive(),
  rate: z.coerce.number().positive(),
  enterprises: z.coerce.number().int().positive(),
});

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '200' },
    enterprises: { type: 'string', default: '80' },
  },
});
const { minutes, rate, enterprises } = Settings.parse(values);
const over = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => over.abort(new Error(`stopped by ${name}`)));

const machine = describeMachine();
const samples: Sample[] = [];
const stack = await startOwnStack(over.signal, { name: 'soak' });
const db = postgres(stack.environment['DATABASE_URL'] ?? '', { max: 1, onnotice: () => {} });
try {
  const tenants = await createTenants(stack, enterprises);
  const load = createLoad(stack, tenants, { rate, signal: over.signal });
  const sample = createSampler({ db, record: recordOf('soak'), load });
  const until = Date.now() + minutes * 60_000;
  const driving = load.run(until);
  while (Date.now() < until && !over.signal.aborted) {
    await sleep(EVERY_MS);
    const now = await sample();
    samples.push(now);
    console.log(JSON.stringify(now));
  }
  await driving;
  const drainedIn = await becomesEmpty(db, 300_000);
  samples.push(await sample());
  const facts = [
    ...machine,
    `${minutes} min at ${rate} events/s asked, ${enterprises} enterprises with three CRMs and Telegram`,
    `accepted ${load.accepted} events, refused ${load.refused}, calls ${load.calls}, lists read ${load.lists}`,
    drainedIn === undefined
      ? 'not drained within 5 min'
      : `drained ${drainedIn.toFixed(0)} s after the last event`,
    ...z
      .array(z.looseObject({ state: z.string(), count: z.number() }))
      .parse(await db`select state, count(*)::int from deliveries group by state order by state`)
      .map(({ state, count }) => `deliveries ${state}: ${count}`),
  ];
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(path.join(FOLDER, 'soak.svg'), draw(samples, facts));
  writeFileSync(path.join(FOLDER, 'soak.json'), JSON.stringify({ facts, samples }, null, 1));
  console.log(`${facts.join('\n')}\nDrawn in ${path.relative(process.cwd(), FOLDER)}/soak.svg`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await db.end({ timeout: 1 });
  await stack.stop();
  process.exit();
}

/** The processes of the stack, in the order in which they were started. */
function recordOf(folder: string): () => number[] {
  const Record = z.object({ parts: z.array(z.object({ pid: z.number() })) });
  const file = path.join(checkout, '.local', folder, 'stack.json');
  return () => Record.parse(JSON.parse(readFileSync(file, 'utf8'))).parts.map(({ pid }) => pid);
}
