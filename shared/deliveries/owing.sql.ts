import * as z from 'zod';

import { CALL_STEPS } from '../crm/crm.schema.ts';
import type { Db, Transaction } from '../db.ts';
import type { QueuedDelivery } from './messages.ts';
import { queuedColumns } from './order.sql.ts';
import type { StepChanges } from './steps-owed.ts';
import { closeParked, logUnsent } from './unsent-log.sql.ts';

const STATES = [
  'pending',
  'sending',
  'delivered',
  'retrying',
  'parked',
  'skipped',
  'failed',
  'expired',
] as const;

/** The steps that a call owes or has paid. */
export const ExistingSteps = z.array(
  z.object({
    id: z.string(),
    integrationType: z.string(),
    step: z.enum(CALL_STEPS),
    round: z.number(),
    extensions: z.array(z.string()),
    state: z.enum(STATES),
    maybeApplied: z.boolean(),
  }),
);

export const Queued = z.object({
  id: z.string(),
  enterpriseNumber: z.string(),
  integrationType: z.string(),
  owedBy: z.string(),
  attempts: z.number(),
  sends: z.number(),
});

/** A column for `ExistingSteps`. */
export function stepsOfCall(db: Db, callId: string) {
  return db`
    (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', id::text, 'integrationType', integration_type, 'step', step, 'round', round, 'extensions', extensions,
        'state', state, 'maybeApplied', maybe_applied)), '[]')
      from deliveries
      where call_id = ${callId}::uuid
    )`;
}

/** Writes what a call owes now. Returns the deliveries that are due and whose messages the caller has to send. */
export async function saveSteps(
  tx: Transaction,
  { enterpriseNumber, callId, now }: { enterpriseNumber: string; callId: string; now: Date },
  { owed, superseded, moved }: StepChanges,
): Promise<QueuedDelivery[]> {
  const writes: PromiseLike<readonly unknown[]>[] = [];
  if (superseded.length > 0) {
    writes.push(tx`
      with ended as (
        update deliveries
        set state = 'skipped', reason = 'superseded', queued_at = null, updated_at = now()
        where id = any(${superseded}::bigint[])
          and state in ('pending', 'retrying')
        returning deliveries.*
      )
      ${logUnsent(tx)}`);
  }
  for (const { id, dueAt } of moved) {
    const isDue = dueAt <= now;
    writes.push(tx`
      update deliveries
      set due_at = ${dueAt}, next_attempt_at = ${dueAt}, queued_at = ${isDue ? now : null},
          sends = sends + ${isDue ? 1 : 0}, updated_at = now()
      where id = ${id}::bigint
        and state = 'pending'
        and (queued_at is null or not ${isDue})
      returning ${queuedColumns(tx)}, ${isDue} as due`);
  }
  for (const { integrationType, step, round, extensions, dueAt } of owed) {
    const isDue = dueAt <= now;
    writes.push(tx`
      insert into deliveries (enterprise_number, integration_type, call_id, step, round, extensions, due_at,
        next_attempt_at, queued_at, sends)
      values (${enterpriseNumber}, ${integrationType}, ${callId}::uuid, ${step}, ${round}, ${extensions}::text[],
        ${dueAt}, ${dueAt}, ${isDue ? now : null}, ${isDue ? 1 : 0})
      on conflict (call_id, integration_type, step, round) do nothing
      returning ${queuedColumns(tx)}, ${isDue} as due`);
  }
  return Queued.extend({ due: z.boolean() })
    .array()
    .parse((await Promise.all(writes)).flat())
    .filter(({ due }) => due);
}

/**
 * Two calls found to be one: what the younger one (`from`) has not sent is skipped; what it has sent counts for the
 * other and is never sent again.
 */
export async function mergeSteps(
  tx: Transaction,
  { from, into }: { from: string; into: string },
): Promise<void> {
  await closeParked(tx, tx`call_id in (${from}::uuid, ${into}::uuid) and attempts = 0`);
  await tx`
    with ended as (
      update deliveries
      set state = 'skipped', reason = 'merged into another call', queued_at = null, updated_at = now()
      where call_id = ${from}::uuid
        and state in ('pending', 'retrying', 'parked')
        and attempts = 0
      returning deliveries.*
    )
    ${logUnsent(tx)}`;
  await tx`
    with ended as (
      update deliveries as mine
      set state = 'skipped', reason = 'already sent before the calls were found to be one', queued_at = null,
          updated_at = now()
      from deliveries as theirs
      where mine.call_id = ${into}::uuid
        and theirs.call_id = ${from}::uuid
        and theirs.attempts > 0
        and (mine.integration_type, mine.step, mine.round) = (theirs.integration_type, theirs.step, theirs.round)
        and mine.state in ('pending', 'parked')
        and mine.attempts = 0
      returning mine.*
    )
    ${logUnsent(tx)}`;
  await tx`
    update deliveries as theirs
    set call_id = ${into}::uuid, updated_at = now()
    where theirs.call_id = ${from}::uuid
      and theirs.attempts > 0
      and not exists (
        select from deliveries as mine
        where mine.call_id = ${into}::uuid
          and (mine.integration_type, mine.step, mine.round) = (theirs.integration_type, theirs.step, theirs.round)
      )`;
  // What the CRM calls the call stays known, or its card would never be closed.
  await tx`
    update crm_links as theirs
    set call_id = ${into}::uuid
    where theirs.call_id = ${from}::uuid
      and not exists (
        select from crm_links as mine
        where mine.call_id = ${into}::uuid
          and (mine.integration_type, mine.key) = (theirs.integration_type, theirs.key)
      )`;
}

/** These messages did not get onto the queue: the sweeper may bring them at once. */
export async function markUnqueued(db: Db, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await db`
    update deliveries
    set queued_at = null
    where id = any(${ids}::bigint[])`;
}
