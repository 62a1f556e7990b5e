import { setTimeout as sleep } from 'node:timers/promises';

import { v7 as newUuid } from 'uuid';
import * as z from 'zod';

import { callsWhile } from './calls.ts';
import { invoke } from './count.ts';
import type { Fault, World } from './fault.ts';

const POISONED = 3;
const MINUTES_AGO = 2 * 60_000;
const AMONG_CALLS_MS = 1_500;

/**
 * Of some companies an event is stored that no version of the program can work in. It is to be marked after five tries,
 * and the calls that come in meanwhile are to come out as ever.
 */
export const poisoned: Fault['judge'] = async (world) => {
  const ids: string[] = [];
  const counted = await callsWhile(async () => {
    await sleep(AMONG_CALLS_MS);
    ids.push(...(await storePoison(world)));
    await invoke(world.stack, 'outbox-sweep');
  })(world);
  const marked = await countMarked(world, ids);
  return {
    ...counted,
    stored: counted.stored - POISONED,
    stuck: counted.stuck + POISONED - marked,
  };
};

/** As if the sweeper's minute were over already. */
async function storePoison({ db, tenants }: World): Promise<string[]> {
  const at = new Date(Date.now() - MINUTES_AGO);
  const rows = tenants.slice(0, POISONED).map(({ number }) => ({
    id: newUuid({ msecs: at.getTime() }),
    enterprise_number: number,
    event_type: 'start',
    payload: db.json({ nothing: true }),
    raw: '{"nothing":true}',
    received_at: at,
  }));
  await db`insert into call_events ${db(rows)}`;
  return rows.map(({ id }) => id);
}

async function countMarked({ db }: World, ids: string[]): Promise<number> {
  const [row] = await db`
    select count(*)::int as marked
    from call_events
    where id = any(${ids}::uuid[])
      and failed_at is not null
      and attempts = 5`;
  return z.object({ marked: z.number() }).parse(row).marked;
}
