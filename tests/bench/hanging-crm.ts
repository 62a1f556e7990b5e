import { setTimeout as sleep } from 'node:timers/promises';

import type { Stack } from '../../infra/local/stack.ts';
import { connect, type Pool } from '../../shared/db.ts';
import { type Benchmark, type Options, type Row, verdict } from './benchmark.ts';
import { newCall, newPhone } from './box-events.ts';
import { median, ms, p95, times } from './figures.ts';
import { arrivalsSince, becomes, control, firstOf, position, post } from './simulated-crm.ts';
import { type Measured, stagesOf } from './stages.ts';

const WITHIN = 0.1;
/** Its CRM hangs, in every other phase. */
const HUNG = { token: '375290000001', number: '0367', account: 'demo' };
/** Its deliveries are what is measured. */
const OTHER = { token: '375290000002', number: '0368', account: 'second' };
const EVERY_MS = 400;
const LATE_MS = 10_000;

/** Milliseconds of each delivery of the other enterprise, and how many requests of the first one were left hanging. */
type Phase = { dispatch: number[]; wholeWay: number[]; held: number };

export const hangingCrm: Benchmark = {
  name: 'hanging-crm',
  says: 'two enterprises call alike; the CRM of one stops answering, the deliveries of the other are timed',
  needs: 'stack',
  async run(stack, options) {
    const db = connect(stack.environment['DATABASE_URL'] ?? '');
    try {
      // Telegram's own limits would slow down one of the two.
      await db`update enterprises set chat_id = null`;
      await control(stack, 'reset', {});
      return await measure(stack, db, options);
    } finally {
      await db.end();
    }
  },
};

async function measure(stack: Stack, db: Pool, { quick, say }: Options) {
  const cycles = quick ? 1 : 3;
  const calls = 30;
  // Starts as many instances as both phases need: a cold start is another benchmark.
  await phase(stack, db, { calls: 10, hang: true });
  const before: Phase[] = [];
  const during: Phase[] = [];
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    before.push(await phase(stack, db, { calls, hang: false }));
    during.push(await phase(stack, db, { calls, hang: true }));
    say(`cycle ${cycle + 1} of ${cycles}`);
  }
  const held = during.map((each) => each.held).join(', ');
  const note =
    `a call every ${EVERY_MS} ms at either enterprise, before and during, ${cycles} × in turn; requests that hung: ` +
    `${held}; warm functions, Telegram off; faster counts as unchanged`;
  return [
    compare(
      "other CRMs' deliveries while one CRM hangs: dispatch",
      'dispatch',
      before,
      during,
      note,
    ),
    compare('the same from the POST of the event', 'wholeWay', before, during, 'same calls'),
  ];
}

function compare(
  what: string,
  which: 'dispatch' | 'wholeWay',
  before: Phase[],
  during: Phase[],
  note: string,
): Row {
  const calm = before.flatMap((each) => each[which]);
  const hung = during.flatMap((each) => each[which]);
  const ratio = p95(hung) / p95(calm);
  const p95s = (phases: Phase[]) => phases.map((each) => ms(p95(each[which]))).join(', ');
  return {
    what,
    goal: 'p95 unchanged (± 10 %)',
    median: `${ms(median(calm))} → ${ms(median(hung))}`,
    p95: `${ms(p95(calm))} → ${ms(p95(hung))}`,
    ratio: times(ratio),
    verdict: verdict(ratio <= 1 + WITHIN),
    note: `${calm.length} → ${hung.length} deliveries; p95 of each phase: before ${p95s(before)}, during ${p95s(during)}; ${note}`,
  };
}

/** Calls of both enterprises at a steady pace, whatever becomes of them. */
async function phase(
  stack: Stack,
  db: Pool,
  { calls, hang }: { calls: number; hang: boolean },
): Promise<Phase> {
  if (hang) {
    await control(stack, 'behave', { peer: 'retailcrm', account: HUNG.account, mode: 'hang' });
  }
  const since = await position(stack);
  const sent = new Map<string, number>();
  const running: Promise<void>[] = [];
  for (let call = 0; call < calls; call += 1) {
    running.push(makeCall(stack, HUNG.token, newPhone(), new Map()));
    await sleep(EVERY_MS / 2);
    running.push(makeCall(stack, OTHER.token, newPhone(), sent));
    await sleep(EVERY_MS / 2);
  }
  await Promise.all(running);
  const allArrived = async () => {
    const arrivals = await arrivalsSince(stack, since);
    return [...sent.keys()].every((phone) => arrivals.has(phone));
  };
  await becomes(allArrived, LATE_MS);

  const arrivals = await arrivalsSince(stack, since);
  const held = [...arrivals.values()].filter(({ account }) => account === HUNG.account).length;
  await recover(stack, db);
  const measured: Measured[] = [...sent].map(([phone, at]) => {
    return { phone, sent: at, arrived: arrivals.get(phone)?.at ?? Number.POSITIVE_INFINITY };
  });
  const stages = await stagesOf(stack, measured);
  const unsent = measured.slice(stages.length).map(() => Number.POSITIVE_INFINITY);
  return {
    dispatch: [...stages.map((each) => each['to the dispatcher'] + each['to the CRM']), ...unsent],
    wholeWay: measured.map((call) => call.arrived - call.sent),
    held: hang ? held : 0,
  };
}

async function makeCall(
  stack: Stack,
  token: string,
  phone: string,
  sent: Map<string, number>,
): Promise<void> {
  const call = newCall('in-group-answered', token, phone);
  await post(stack, firstOf(call, 'start'));
  sent.set(phone, await post(stack, firstOf(call, 'dial')));
}

/** The hung CRM answers again, what waited for it is gone, and its circuit is as in the beginning. */
async function recover(stack: Stack, db: Pool): Promise<void> {
  await control(stack, 'behave', { peer: 'retailcrm', account: HUNG.account, mode: 'ok' });
  await db`
    update deliveries
    set state = 'expired'
    where enterprise_number = ${HUNG.number}
      and state in ('pending', 'retrying')`;
  await becomes(async () => {
    const [sending] = await db`select from deliveries where state = 'sending' limit 1`;
    return sending === undefined;
  }, LATE_MS);
  await sleep(2500); // messages that were sent back come once more, and find nothing to do
  await db`update integration_states set timeouts = 0, open_until = null`;
}
