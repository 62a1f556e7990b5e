import { setTimeout as sleep } from 'node:timers/promises';

import * as z from 'zod';

import type { Stack } from '../../infra/local/stack.ts';
import type { BoxEvent } from './box-events.ts';

/** A pop-up that reached the CRM. */
export type Arrival = { phone: string; account: string; at: number };

const Received = z.object({
  last: z.number(),
  received: z.array(
    z.object({ time: z.iso.datetime(), account: z.string(), path: z.string(), body: z.unknown() }),
  ),
});
const PopUp = z.object({ event: z.object({ phone: z.string(), type: z.literal(['in', 'out']) }) });

export async function control(stack: Stack, path: string, body?: object): Promise<unknown> {
  const url = `http://127.0.0.1:${stack.ports.peers}/control/${path}`;
  const response = await fetch(url, body ? { method: 'POST', body: JSON.stringify(body) } : {});
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return response.json();
}

/** What the outside world has received so far, as a position to go on from. */
export async function position(stack: Stack): Promise<number> {
  return Received.parse(await control(stack, 'received?limit=0')).last;
}

/** The first time that each number reached a CRM since then. */
export async function arrivalsSince(stack: Stack, since: number): Promise<Map<string, Arrival>> {
  const query = `received?peer=retailcrm&since=${since}&limit=10000`;
  const { received } = Received.parse(await control(stack, query));
  const arrivals = new Map<string, Arrival>();
  for (const { time, account, path, body } of received) {
    const popUp = PopUp.safeParse(body);
    if (!popUp.success || !path.endsWith('/telephony/call/event')) continue;
    const phone = popUp.data.event.phone.replace('+', '');
    if (!arrivals.has(phone)) arrivals.set(phone, { phone, account, at: Date.parse(time) });
  }
  return arrivals;
}

/** Posts as a box's curl does. Returns the moment of sending, by the clock that the CRM's records use too. */
export async function post(
  stack: Stack,
  { kind, body }: Pick<BoxEvent, 'kind' | 'body'>,
): Promise<number> {
  const sent = performance.timeOrigin + performance.now();
  const response = await fetch(`http://127.0.0.1:${stack.ports.http}/api/callevent/${kind}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`${kind} was answered with ${response.status}`);
  return sent;
}

/** The first event of this kind of a call. */
export function firstOf(call: BoxEvent[], kind: BoxEvent['kind']): BoxEvent {
  const event = call.find((candidate) => candidate.kind === kind);
  if (!event) throw new Error(`the call has no ${kind}`);
  return event;
}

/** Asks again until it is so; false when the time is over. */
export async function becomes(isSo: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  const until = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > until) return false;
    await sleep(25);
  }
  return true;
}
