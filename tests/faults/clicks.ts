import { setTimeout as sleep } from 'node:timers/promises';

import * as z from 'zod';

import { control } from '../bench/simulated-crm.ts';
import type { Fault, World } from './fault.ts';

const NUMBER = '0367';
const SECRET = 'demo-secret-0367';
const CLICKS = 12;
/** Below the limit of ten in ten seconds. */
const EVERY_MS = 1_100;
/** Of the clicks, the first and the last during which it is broken. */
const BROKEN = { from: 3, to: 8 };
const SETTLE_MS = 240_000;

let made = 0;
const Box = z.object({ originated: z.array(z.looseObject({ phone: z.string() })) });

/**
 * Clicks while the box behaves like that. A click that was answered with success is one call on the box; of one that was
 * not nobody may know, but it is never two; and none is left without an end.
 */
export function clicksWhile(mode: string): Fault['judge'] {
  return async (world) => {
    const { stack, db } = world;
    await db`delete from originates`;
    await db`delete from rate_buckets`;
    await control(stack, `asterisk/${NUMBER}`, { mode: 'ok', phones: { talkMs: 500 } });
    const phones = Array.from({ length: CLICKS }, () => `37529555${String(1000 + (made += 1))}`);
    const placed: string[] = [];
    for (const [index, phone] of phones.entries()) {
      if (index === BROKEN.from) await control(stack, `asterisk/${NUMBER}`, { mode });
      if (index === BROKEN.to) await control(stack, `asterisk/${NUMBER}`, { mode: 'ok' });
      if (await click(world, phone)) placed.push(phone);
      await sleep(EVERY_MS);
    }
    await settle(world);
    const { originated } = Box.parse(await control(stack, `asterisk/${NUMBER}`));
    const countOf = (phone: string) =>
      originated.filter((call) => call.phone.endsWith(phone)).length;
    const [rows] = await db`
      select count(*)::int as stored, (count(*) filter (where state not in ('ended', 'failed')))::int as stuck
      from originates`;
    const { stored, stuck } = z.object({ stored: z.number(), stuck: z.number() }).parse(rows);
    return {
      accepted: CLICKS,
      stored,
      owed: placed.length,
      seen: placed.filter((phone) => countOf(phone) > 0).length,
      missing: 0,
      unanswered: 0,
      doubled: phones.filter((phone) => countOf(phone) > 1).length,
      lost: placed.filter((phone) => countOf(phone) === 0).length,
      disordered: 0,
      stuck,
      refused: CLICKS - placed.length,
    };
  };
}

async function click({ stack }: World, phone: string): Promise<boolean> {
  const query = new URLSearchParams({ clientId: SECRET, code: '150', phone: `+${phone}` });
  const url = `http://127.0.0.1:${stack.ports.http}/api/makecallexternal?${query.toString()}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  await answer.arrayBuffer();
  return answer.ok;
}

async function settle({ db }: World): Promise<void> {
  const until = Date.now() + SETTLE_MS;
  while (Date.now() < until) {
    const [row] = await db`
      select count(*)::int as open
      from originates
      where state not in ('ended', 'failed')`;
    if (row?.['open'] === 0) return;
    await sleep(1_000);
  }
}
