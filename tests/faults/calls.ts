import type { Stack } from '../../infra/local/stack.ts';
import { control } from '../bench/simulated-crm.ts';
import { countStored, settle, tally } from './count.ts';
import type { Fault } from './fault.ts';
import { makeCalls } from './load.ts';

const LOAD_MS = 6_000;

/** Calls come in while it happens; counted are their events and what the CRMs and chats show of them. */
export function callsWhile(
  happen: (stack: Stack) => Promise<void>,
  { wild = false } = {},
): Fault['judge'] {
  return async ({ stack, db, tenants, calls }) => {
    await control(stack, 'reset', {});
    await db`delete from rate_buckets`;
    const storedBefore = await countStored(db, tenants);
    const [load] = await Promise.all([
      makeCalls(stack, tenants, { calls, overMs: LOAD_MS, wild }),
      happen(stack),
    ]);
    await settle(stack, db);
    return {
      ...(await tally(stack, db, { load, tenants, storedBefore })),
      refused: load.refusals,
      unanswered: load.unanswered,
    };
  };
}
