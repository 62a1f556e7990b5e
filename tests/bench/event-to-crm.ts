import { setTimeout as sleep } from 'node:timers/promises';

import type { Stack } from '../../infra/local/stack.ts';
import { type Benchmark, verdict } from './benchmark.ts';
import { newCall, newPhone } from './box-events.ts';
import { median, ms, p95 } from './figures.ts';
import { arrivalsSince, becomes, firstOf, position, post } from './simulated-crm.ts';
import { describeStages, type Measured, stagesOf } from './stages.ts';

const MOST_MS = 400;
const WARM_UP = 3;
const TOKEN = '375290000001';
const GIVEN_UP_MS = 10_000;

export const eventToCrm: Benchmark = {
  name: 'event-to-crm',
  says: 'from the POST of a dial to the request at the simulated RetailCRM, one call after the other',
  needs: 'stack',
  async run(stack, { quick, say }) {
    const calls: Measured[] = [];
    for (let call = 0; call < (quick ? 10 : 35) + WARM_UP; call += 1)
      calls.push(await makeCall(stack));
    const [first] = calls;
    const measured = calls.slice(WARM_UP);
    const delays = measured.map(delayOf);
    say(`${measured.length} calls, median ${ms(median(delays))}`);
    const stages = await stagesOf(stack, measured);
    return [
      {
        what: 'event → CRM request (local stack, idle)',
        goal: `p95 ≤ ${MOST_MS} ms`,
        median: ms(median(delays)),
        p95: ms(p95(delays)),
        verdict: verdict(p95(delays) <= MOST_MS),
        note:
          `${measured.length} calls; the first ever, with cold functions: ${first ? ms(delayOf(first)) : '?'}; ` +
          `medians on the way: ${describeStages(stages)}`,
      },
    ];
  },
};

async function makeCall(stack: Stack): Promise<Measured> {
  const phone = newPhone();
  const call = newCall('in-group-answered', TOKEN, phone);
  await post(stack, firstOf(call, 'start'));
  await sleep(1000);
  const since = await position(stack);
  const sent = await post(stack, firstOf(call, 'dial'));
  let arrived = Number.POSITIVE_INFINITY;
  await becomes(async () => {
    arrived = (await arrivalsSince(stack, since)).get(phone)?.at ?? arrived;
    return Number.isFinite(arrived);
  }, GIVEN_UP_MS);
  await post(stack, firstOf(call, 'hangup'));
  await sleep(300);
  return { phone, sent, arrived };
}

function delayOf({ sent, arrived }: Measured): number {
  return arrived - sent;
}
