import * as z from 'zod';

import type { Transaction } from '../db.ts';
import type { QueuedDelivery } from './messages.ts';
import { isBlocked, queuedColumns } from './order.sql.ts';
import { Queued } from './owing.sql.ts';
import { closeParked, logUnsent } from './unsent-log.sql.ts';

export type IntegrationKey = { enterpriseNumber: string; integrationType: string };

/** So many time-outs in a row open the circuit: nothing is sent but one probe every so often. */
const TIMEOUTS_TO_OPEN = 3;
export const PROBE_SECONDS = 15;
/** How many waiting deliveries one call puts on the queue; the sweeper brings the rest. */
const RELEASE_AT_ONCE = 200;

/** Decisions on one integration are taken one after the other. */
async function lockIntegration(tx: Transaction, key: IntegrationKey): Promise<void> {
  const name = `crm:${key.enterpriseNumber}:${key.integrationType}`;
  await tx`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
}

/** Counts a time-out; the circuit opens at the third in a row. */
export async function noteTimeout(
  tx: Transaction,
  { enterpriseNumber, integrationType }: IntegrationKey,
): Promise<void> {
  await tx`
    insert into integration_states as state (enterprise_number, integration_type, timeouts)
    values (${enterpriseNumber}, ${integrationType}, 1)
    on conflict (enterprise_number, integration_type) do update
    set timeouts = state.timeouts + 1,
        open_until = case
          when state.timeouts + 1 >= ${TIMEOUTS_TO_OPEN} then now() + make_interval(secs => ${PROBE_SECONDS})
        end`;
}

/** The other side answered, whatever it said: the circuit closes. Returns what waited for it and now has to be sent. */
export async function noteAnswer(tx: Transaction, key: IntegrationKey): Promise<QueuedDelivery[]> {
  const [was] = await tx`
    with was as (
      select open_until
      from integration_states
      where enterprise_number = ${key.enterpriseNumber}
        and integration_type = ${key.integrationType}
    )
    update integration_states
    set timeouts = 0, open_until = null
    from was
    where enterprise_number = ${key.enterpriseNumber}
      and integration_type = ${key.integrationType}
      and timeouts > 0
    returning was.open_until is not null as open`;
  if (!z.object({ open: z.boolean() }).optional().parse(was)?.open) return [];
  return releaseHeads(tx, key, { withinSeconds: PROBE_SECONDS, limit: RELEASE_AT_ONCE });
}

/** Stops an integration until a person acts; all it owes is parked. Returns false when it was paused already. */
export async function pauseIntegration(
  tx: Transaction,
  key: IntegrationKey,
  reason: string,
): Promise<boolean> {
  await lockIntegration(tx, key);
  const [paused] = await tx`
    insert into integration_states as state (enterprise_number, integration_type, paused_at, pause_reason)
    values (${key.enterpriseNumber}, ${key.integrationType}, now(), ${reason})
    on conflict (enterprise_number, integration_type) do update
    set paused_at = now(), pause_reason = excluded.pause_reason
    where state.paused_at is null
    returning 1`;
  await tx`
    with ended as (
      update deliveries
      set state = 'parked', reason = ${reason}, queued_at = null, updated_at = now()
      where enterprise_number = ${key.enterpriseNumber}
        and integration_type = ${key.integrationType}
        and state in ('pending', 'retrying')
      returning deliveries.*
    )
    ${logUnsent(tx)}`;
  return paused !== undefined;
}

/** Lets a paused integration work again. Returns the first step of every call and chat that waits; the others follow it. */
export async function resumeIntegration(
  tx: Transaction,
  key: IntegrationKey,
): Promise<QueuedDelivery[]> {
  await lockIntegration(tx, key);
  await tx`
    update integration_states
    set paused_at = null, pause_reason = null, timeouts = 0, open_until = null
    where enterprise_number = ${key.enterpriseNumber}
      and integration_type = ${key.integrationType}`;
  await closeParked(
    tx,
    tx`enterprise_number = ${key.enterpriseNumber} and integration_type = ${key.integrationType}`,
  );
  await tx`
    update deliveries
    set state = 'pending', reason = null, next_attempt_at = now(), queued_at = null, updated_at = now()
    where enterprise_number = ${key.enterpriseNumber}
      and integration_type = ${key.integrationType}
      and state = 'parked'`;
  return releaseHeads(tx, key, { withinSeconds: 0, limit: RELEASE_AT_ONCE });
}

/** The first unfinished step of every call and chat, when it is due within so many seconds and not on the queue. */
export async function releaseHeads(
  tx: Transaction,
  { enterpriseNumber, integrationType }: IntegrationKey,
  { withinSeconds, limit }: { withinSeconds: number; limit: number },
): Promise<QueuedDelivery[]> {
  const rows = await tx`
    with heads as (
      select id
      from deliveries
      where enterprise_number = ${enterpriseNumber}
        and integration_type = ${integrationType}
        and state in ('pending', 'retrying')
        and queued_at is null
        and next_attempt_at <= now() + make_interval(secs => ${withinSeconds})
        and not ${isBlocked(tx)}
      order by id
      limit ${limit}
    )
    update deliveries
    set queued_at = now(), sends = sends + 1, next_attempt_at = now()
    where id in (select id from heads)
    returning ${queuedColumns(tx)}`;
  return Queued.array()
    .parse([...rows])
    .toSorted((a, b) => Number(a.id) - Number(b.id));
}
