import { setTimeout as sleep } from 'node:timers/promises';

import type postgres from 'postgres';
import * as z from 'zod';

import type { Stack } from '../../infra/local/stack.ts';
import type { Counted } from './fault.ts';
import type { Load, MadeCall } from './load.ts';
import { type Tenant, type Visible, visibleOf } from './tenants.ts';

export type Tally = Omit<Counted, 'refused' | 'unanswered'>;

const SETTLE_MS = 240_000;

const Unfinished = z.object({
  events: z.number(),
  deliveries: z.number(),
  sending: z.number(),
  behind: z.number(),
});

/** What is written and not done yet. */
export async function unfinished(db: postgres.Sql) {
  const [row] = await db`
    select
      (select count(*)::int from call_events where processed_at is null and failed_at is null) as events,
      (select count(*)::int from deliveries where state in ('pending', 'sending', 'retrying')) as deliveries,
      (select count(*)::int from deliveries where state = 'sending') as sending,
      (
        select count(*)::int
        from calls
        join enterprises on enterprises.number = calls.enterprise_number
        where calls.telegram_version < calls.version
          and enterprises.chat_id is not null
      ) as behind`;
  return Unfinished.parse(row);
}

/**
 * Waits until everything has come to an end, by the sweeper where it must. Only waiting is brought forward: the hours
 * between two attempts, the minutes until the sweeper looks; what lies in a queue comes when the queue gives it.
 */
export async function settle(stack: Stack, db: postgres.Sql): Promise<void> {
  const until = Date.now() + SETTLE_MS;
  for (let look = 0; Date.now() < until; look += 1) {
    const left = await unfinished(db);
    if (left.events + left.deliveries + left.behind === 0) return;
    if (look % 30 === 29) console.log(`     still to be done: ${JSON.stringify(left)}`);
    if (look % 5 === 4) await sweepNow(stack, db);
    await sleep(1_000);
  }
}

async function sweepNow(stack: Stack, db: postgres.Sql): Promise<void> {
  await db`
    update deliveries
    set next_attempt_at = least(next_attempt_at, now()), queued_at = queued_at - interval '30 seconds'
    where state in ('pending', 'retrying')`;
  await db`update integration_states set open_until = now() where open_until > now()`;
  await db`
    update calls
    set updated_at = updated_at - interval '30 seconds'
    where telegram_version < version`;
  await invoke(stack, 'outbox-sweep');
}

/** Runs a scheduled function now. */
export async function invoke(stack: Stack, name: string): Promise<void> {
  const url = `http://127.0.0.1:${stack.ports.lambda}/2015-03-31/functions/trunkline-dev-${name}/invocations`;
  const response = await fetch(url, { method: 'POST', body: '{}' });
  await response.arrayBuffer();
}

/** Ids that a box was told and that no row has: an accepted event that is lost. */
async function countMissing(db: postgres.Sql, ids: string[]): Promise<number> {
  const [row] = await db`
    select count(*)::int as missing
    from unnest(${ids}::uuid[]) as told (id)
    where not exists (select from call_events where call_events.id = told.id)`;
  return z.object({ missing: z.number() }).parse(row).missing;
}

export async function countStored(db: postgres.Sql, tenants: Tenant[]): Promise<number> {
  const [row] = await db`
    select count(*)::int as stored
    from call_events
    where enterprise_number = any(${tenants.map(({ number }) => number)}::text[])`;
  return z.object({ stored: z.number() }).parse(row).stored;
}

/** Holds what the vendors show against what the calls owe: an entry in each of three journals, one Telegram message. */
export async function tally(
  stack: Stack,
  db: postgres.Sql,
  { load, tenants, storedBefore }: { load: Load; tenants: Tenant[]; storedBefore: number },
): Promise<Tally> {
  const stored = (await countStored(db, tenants)) - storedBefore;
  const missing = await countMissing(db, load.accepted);
  const visible = new Map<Tenant, Visible>();
  for (const tenant of tenants) visible.set(tenant, await visibleOf(stack, tenant));

  const result = {
    accepted: new Set(load.accepted).size,
    stored,
    missing,
    owed: 0,
    seen: 0,
    doubled: 0,
    lost: 0,
    disordered: 0,
  };
  for (const call of load.calls) {
    const shown = visible.get(call.tenant);
    if (!shown) throw new Error('a tenant is missing');
    const effects = effectsOf(call, shown);
    for (const count of effects.counts) {
      result.owed += 1;
      result.seen += count;
      result.doubled += Math.max(0, count - 1);
      result.lost += count === 0 ? 1 : 0;
    }
    result.doubled += effects.repeats;
    result.disordered += effects.disordered;
  }
  const left = await unfinished(db);
  return { ...result, stuck: left.events + left.deliveries + left.behind };
}

function effectsOf({ phone, uniqueId }: MadeCall, shown: Visible) {
  const entries = shown.retailcrm.journal.filter(({ externalId }) => externalId === uniqueId);
  const popups = shown.retailcrm.popups.filter(({ callExternalId }) => callExternalId === uniqueId);
  const messages = shown.messages.filter(({ text }) => text.replaceAll(/\D/g, '').includes(phone));
  const counts = [
    entries.length,
    shown.bitrix24.filter((id) => id === uniqueId).length,
    shown.amocrm.filter((entry) => entry.includes(`"${uniqueId}"`)).length,
    messages.length,
  ];
  const first = (type: string) => popups.find((popup) => popup.type === type)?.events[0]?.sequence;
  const order = [first('in'), first('hangup'), entries[0]?.uploads[0]?.sequence].filter(
    (sequence) => sequence !== undefined,
  );
  const isOrdered = order.every((sequence, index) => sequence >= (order[index - 1] ?? 0));
  const isFinal = messages.every(({ text }) => text.startsWith('✅'));
  return {
    counts,
    // To close a card that is closed shows nothing; to open one again does.
    repeats: popups
      .filter(({ type }) => type !== 'hangup')
      .reduce((sum, { repeats }) => sum + repeats, 0),
    disordered: (isOrdered ? 0 : 1) + (isFinal ? 0 : 1),
  };
}
