import { setTimeout as sleep } from 'node:timers/promises';

import * as z from 'zod';

import type { Stack } from '../../infra/local/stack.ts';
import { type BoxEvent, newCall, newPhone } from '../bench/box-events.ts';
import { seedRandom } from '../calls/random.ts';
import type { Tenant } from './tenants.ts';

export type MadeCall = { tenant: Tenant; phone: string; uniqueId: string };
/** `accepted`: the ids that the boxes were told, one for each event. */
export type Load = {
  calls: MadeCall[];
  events: number;
  accepted: string[];
  posts: number;
  refusals: number;
  /** Posts whose answer was lost: what a box repeats after its 30 seconds is another event. */
  unanswered: number;
};

const Accepted = z.object({ event_id: z.uuid() });

/** A box that goes on trying, as `curl --retry` does; within the time that a repeat is a repeat. */
const TRY_FOR_MS = 24_000;
const PAUSE_MS = 400;
const ANSWER_MS = 20_000;
/** What nobody was there to take was surely not taken: it may come as late as it likes. */
const NOBODY_FOR_MS = 180_000;

type Options = {
  calls: number;
  /** All calls begin within this time. */
  overMs: number;
  /** Between the events of a call. */
  gapMs?: number;
  /** Every event one to four times, and those of a call in any order. */
  wild?: boolean;
};

const random = seedRandom(20_261_121);

/** Calls of all tenants, event by event as their boxes post them. Resolves when every event was accepted. */
export async function makeCalls(
  stack: Stack,
  tenants: Tenant[],
  { calls, overMs, gapMs = 150, wild = false }: Options,
): Promise<Load> {
  const load: Load = { calls: [], events: 0, accepted: [], posts: 0, refusals: 0, unanswered: 0 };
  const running: Promise<void>[] = [];
  for (let index = 0; index < calls; index += 1) {
    const tenant = tenants[index % tenants.length];
    if (!tenant) throw new Error('no tenants');
    running.push(makeCall(tenant));
    await sleep(overMs / calls);
  }
  await Promise.all(running);
  return load;

  async function makeCall(tenant: Tenant): Promise<void> {
    const phone = newPhone();
    const events = newCall('in-group-answered', tenant.token, phone);
    const uniqueId = String(events[0]?.body['UniqueId']);
    load.calls.push({ tenant, phone, uniqueId });
    load.events += events.length;
    if (!wild) {
      for (const event of events) {
        await post(event);
        await sleep(gapMs);
      }
      return;
    }
    const repeated = events.flatMap((event) =>
      Array.from({ length: 1 + Math.floor(random() * 4) }, () => ({ event, at: random() })),
    );
    const shuffled = repeated.toSorted((a, b) => a.at - b.at);
    await Promise.all(
      shuffled.map(async ({ event }, index) => {
        await sleep(index * 40);
        await post(event);
      }),
    );
  }

  async function post({ kind, body }: BoxEvent): Promise<void> {
    const began = Date.now();
    let until = began + TRY_FOR_MS;
    while (Date.now() < until) {
      load.posts += 1;
      const eventId = await fetch(`http://127.0.0.1:${stack.ports.http}/api/callevent/${kind}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_MS),
      }).then(
        async (response) => {
          const answer: unknown = await response.json().catch(() => undefined);
          if (!response.ok) return '';
          const accepted = Accepted.safeParse(answer);
          if (accepted.success) return accepted.data.event_id;
          // The local gateway says 200 of a function that ran out of time; the real one says 503.
          load.unanswered += 1;
          return '';
        },
        (error: unknown) => {
          if (isNobodyThere(error)) {
            until = Math.min(Date.now() + TRY_FOR_MS, began + NOBODY_FOR_MS);
          } else {
            load.unanswered += 1;
          }
          return '';
        },
      );
      if (eventId !== '') {
        load.accepted.push(eventId);
        return;
      }
      load.refusals += 1;
      await sleep(PAUSE_MS);
    }
    throw new Error(`a ${kind} event was never accepted`);
  }
}

function isNobodyThere(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}
