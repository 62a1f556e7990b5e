import { setTimeout as sleep } from 'node:timers/promises';

import type postgres from 'postgres';

import type { Stack } from '../../infra/local/stack.ts';
import { type BoxEvent, newCall } from '../bench/box-events.ts';
import { unfinished } from '../faults/count.ts';
import type { Tenant } from '../faults/tenants.ts';

export type SoakLoad = ReturnType<typeof createLoad>;
type Waiting = { at: number; event: BoxEvent };

const SCENARIOS = ['in-group-answered', 'in-consult-accepted'];
const TICK_MS = 5;
const LIST_EVERY_MS = 1_000;
/**
 * What is due beyond this waits, and the rate is no longer what was asked. Many more at once would be many more instances
 * of the intake than the machine can carry, and connections that the local gateway, one thread, takes one by one.
 */
const MOST_AT_ONCE = 16;

/** Calls of all tenants so that their events come at this rate, and somebody who reads lists of calls. */
export function createLoad(
  stack: Stack,
  tenants: Tenant[],
  { rate, signal }: { rate: number; signal: AbortSignal },
) {
  const base = `http://127.0.0.1:${stack.ports.http}`;
  const waiting: Waiting[] = [];
  const load = { accepted: 0, refused: 0, calls: 0, lists: 0, latencies: [] as number[], run };
  let inFlight = 0;

  async function post({ at, event: { kind, body } }: Waiting): Promise<void> {
    inFlight += 1;
    try {
      const response = await fetch(`${base}/api/callevent/${kind}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(15_000),
      });
      await response.arrayBuffer();
      if (response.ok) load.accepted += 1;
      else load.refused += 1;
    } catch {
      load.refused += 1;
    }
    inFlight -= 1;
    load.latencies.push(Date.now() - at);
  }

  async function readList(index: number): Promise<void> {
    const tenant = tenants[index % tenants.length];
    const query = `clientId=secret-${tenant?.number}&limit=50`;
    await fetch(`${base}/enterprise/${tenant?.number}/calls?${query}`, {
      signal: AbortSignal.timeout(15_000),
    }).then(
      async (response) => {
        await response.arrayBuffer();
        if (response.ok) load.lists += 1;
      },
      () => {},
    );
  }

  async function run(until: number): Promise<void> {
    const began = Date.now();
    let due = 0;
    let listAt = began;
    while (Date.now() < until && !signal.aborted) {
      const now = Date.now();
      const wanted = ((now - began) / 1000) * rate;
      while (due < wanted) {
        const tenant = tenants[load.calls % tenants.length];
        const scenario = SCENARIOS[load.calls % SCENARIOS.length];
        if (!tenant || !scenario) throw new Error('no tenants');
        const events = newCall(scenario, tenant.token);
        // A call's events come over ten seconds, not over its minutes.
        const last = events.at(-1)?.after || 1;
        for (const event of events)
          waiting.push({ at: now + (event.after / last) * 10_000, event });
        load.calls += 1;
        due += events.length;
      }
      waiting.sort((a, b) => a.at - b.at);
      while (inFlight < MOST_AT_ONCE && (waiting[0]?.at ?? Infinity) <= now) {
        const next = waiting.shift();
        if (next) void post(next);
      }
      if (now >= listAt) {
        listAt = now + LIST_EVERY_MS;
        void readList(load.lists);
      }
      await sleep(TICK_MS);
    }
    while (inFlight > 0) await sleep(TICK_MS);
  }

  return load;
}

/** Seconds until nothing is left to do; undefined when it takes longer. */
export async function becomesEmpty(
  db: postgres.Sql,
  withinMs: number,
): Promise<number | undefined> {
  const began = Date.now();
  while (Date.now() - began < withinMs) {
    const { events, sending, behind } = await unfinished(db);
    if (events + sending + behind === 0) return (Date.now() - began) / 1000;
    await sleep(1_000);
  }
  return undefined;
}
