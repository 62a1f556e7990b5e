import { setTimeout as sleep } from 'node:timers/promises';

import * as z from 'zod';

import { ComeBackLater } from '../../../shared/errors.ts';
import type { QueueMessage } from '../../../shared/queue.ts';
import type { Random } from '../../calls/random.ts';

type Waiting = { message: QueueMessage; at: number; receives: number };
type Work = (message: { deliveryId: string }, receipt: { receives: number }) => Promise<void>;

const WORKERS = 24;
const LOSES = 0.01;
const DOUBLES = 0.02;
/** Real waits would take hours: a message comes back after this at most. */
const LONGEST_WAIT_MS = 150;
const Body = z.object({ deliveryId: z.string() });

/**
 * A FIFO queue at its worst, with its workers: groups keep their order, ids are not taken twice, and now and then a
 * message is lost or worked in twice at once.
 */
export function createBadQueue(random: Random) {
  const groups = new Map<string, Waiting[]>();
  const busy = new Set<string>();
  const seen = new Set<string>();
  const lost = { messages: 0, doubled: 0 };

  function add(message: QueueMessage): void {
    if (seen.has(message.dedup)) return;
    seen.add(message.dedup);
    if (random() < LOSES) {
      lost.messages += 1;
      return;
    }
    const waiting = groups.get(message.group) ?? [];
    waiting.push({ message, at: Date.now(), receives: 0 });
    groups.set(message.group, waiting);
  }

  function take(): [string, Waiting] | undefined {
    for (const [group, [head]] of groups) {
      if (head && head.at <= Date.now() && !busy.has(group)) return [group, head];
    }
    return undefined;
  }

  async function workIn(group: string, head: Waiting, work: Work): Promise<void> {
    busy.add(group);
    head.receives += 1;
    const body = Body.parse(head.message.body);
    const runs = [work(body, { receives: head.receives })];
    if (random() < DOUBLES) {
      lost.doubled += 1;
      runs.push(work(body, { receives: head.receives }));
    }
    const [result] = await Promise.allSettled(runs);
    busy.delete(group);
    if (result?.status === 'rejected' && !(result.reason instanceof ComeBackLater))
      throw result.reason;
    if (result?.status === 'rejected') {
      const waitMs = (result.reason as ComeBackLater).afterSeconds * 1000;
      head.at = Date.now() + Math.min(waitMs, LONGEST_WAIT_MS);
      return;
    }
    const rest = groups.get(group)?.slice(1) ?? [];
    if (rest.length > 0) groups.set(group, rest);
    else groups.delete(group);
  }

  return {
    lost,
    async sendAll(messages: QueueMessage[]) {
      messages.forEach(add);
      return [];
    },
    /** Works until nothing is left, several messages at a time. */
    async drain(work: Work): Promise<void> {
      const worker = async (): Promise<void> => {
        while (groups.size > 0) {
          const next = take();
          if (next) await workIn(...next, work);
          else await sleep(10);
        }
      };
      await Promise.all(Array.from({ length: WORKERS }, worker));
    },
  };
}
