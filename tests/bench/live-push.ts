import { setTimeout as sleep } from 'node:timers/promises';

import * as z from 'zod';

import type { Stack } from '../../infra/local/stack.ts';
import { type Benchmark, verdict } from './benchmark.ts';
import { newCall } from './box-events.ts';
import { median, ms, p95 } from './figures.ts';
import { becomes, post } from './simulated-crm.ts';

const MOST_MS = 500;
const WARM_UP = 2;
const TOKEN = '375290000001';
const SECRET = 'demo-secret-0367';
const GIVEN_UP_MS = 10_000;

const Frame = z.looseObject({
  type: z.string(),
  call: z.looseObject({ unique_id: z.string() }).optional(),
});

/** From the POST of an event to the frame that shows the call's new state to a listener. */
export const livePush: Benchmark = {
  name: 'live-push',
  says: 'from the POST of an event to the frame at a listener of ?live=calls, one after the other',
  needs: 'stack',
  async run(stack, { quick, say }) {
    const seen: { uniqueId: string; at: number }[] = [];
    const socket = await listen(stack, (uniqueId) => seen.push({ uniqueId, at: Date.now() }));
    const delays: number[] = [];
    try {
      for (let call = 0; call < (quick ? 5 : 15) + WARM_UP; call += 1) {
        const took = await playCall(stack, seen);
        if (call >= WARM_UP) delays.push(...took);
      }
    } finally {
      socket.close();
    }
    say(`${delays.length} changes, median ${ms(median(delays))}`);
    return [
      {
        what: 'a state change → a listener of live calls (local stack, idle)',
        goal: `p95 ≤ ${MOST_MS} ms`,
        median: ms(median(delays)),
        p95: ms(p95(delays)),
        verdict: verdict(p95(delays) <= MOST_MS),
        note: `${delays.length} changes of ${delays.length / CHANGES.length} calls, functions warm`,
      },
    ];
  },
};

/** Events that surely change what people see of a call. */
const CHANGES = ['start', 'dial', 'hangup'] as const;

async function playCall(stack: Stack, seen: { uniqueId: string; at: number }[]): Promise<number[]> {
  const took: number[] = [];
  for (const event of newCall('in-group-answered', TOKEN)) {
    const isMeasured = CHANGES.some((kind) => kind === event.kind);
    const uniqueId = String(event.body['UniqueId']);
    const before = seen.length;
    const sent = await post(stack, event);
    const frame = () => seen.slice(before).find((one) => one.uniqueId === uniqueId);
    if (isMeasured) {
      await becomes(async () => frame() !== undefined, GIVEN_UP_MS);
      took.push((frame()?.at ?? Number.POSITIVE_INFINITY) - sent);
    }
    await sleep(200);
  }
  return took;
}

async function listen(stack: Stack, onCall: (uniqueId: string) => void): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${stack.ports.websocket}/?live=calls`);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('error', () => reject(new Error('the socket does not open')));
    socket.addEventListener('open', () => {
      socket.send(JSON.stringify({ type: 'auth', secret: SECRET }));
    });
    socket.addEventListener('message', ({ data }) => {
      const { type, call } = Frame.parse(JSON.parse(String(data)));
      if (type === 'ready') resolve();
      if (call) onCall(call.unique_id);
    });
  });
  return socket;
}
