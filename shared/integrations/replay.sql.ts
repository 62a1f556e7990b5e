import * as z from 'zod';

import type { Db, Transaction } from '../db.ts';
import type { QueuedDelivery } from '../deliveries/messages.ts';
import { queuedColumns } from '../deliveries/order.sql.ts';
import { Queued } from '../deliveries/owing.sql.ts';
import { closeParked } from '../deliveries/unsent-log.sql.ts';

const Asked = z.object({
  id: z.string(),
  integrationType: z.string(),
  state: z.string(),
  paused: z.boolean(),
  merged: z.boolean(),
});
export type Asked = z.output<typeof Asked>;

/** Deliveries as they are now. No decision is taken on their integrations until the transaction ends. */
export async function lockDeliveries(
  tx: Transaction,
  enterpriseNumber: string,
  ids: string[],
): Promise<Asked[]> {
  // In order, so that two that lock the same ones do not wait for each other.
  await tx`
    select pg_advisory_xact_lock(hashtextextended('crm:' || ${enterpriseNumber}::text || ':' || integration_type, 0))
    from (
      select distinct integration_type
      from deliveries
      where id = any(${ids}::bigint[])
        and enterprise_number = ${enterpriseNumber}
      order by integration_type
    ) as types`;
  const rows = await tx`
    select
      deliveries.id, deliveries.integration_type, deliveries.state, state.paused_at is not null as paused,
      calls.merged_into is not null as merged
    from deliveries
    left join calls on calls.id = deliveries.call_id
    left join integration_states as state
      on state.enterprise_number = deliveries.enterprise_number
      and state.integration_type = deliveries.integration_type
    where deliveries.id = any(${ids}::bigint[])
      and deliveries.enterprise_number = ${enterpriseNumber}
    order by deliveries.id`;
  return Asked.array().parse([...rows]);
}

/**
 * Makes these deliveries as new; what had been delivered is known to its receiver by another id from now on. Returns
 * the first unfinished step of each of their calls and chats, when it may go out now; the others follow it.
 */
export async function startAgain(tx: Transaction, ids: string[]): Promise<QueuedDelivery[]> {
  await closeParked(tx, tx`id = any(${ids}::bigint[])`);
  await tx`
    update deliveries
    set state = 'pending', reason = null, attempts = 0, repeats = repeats + (state = 'delivered')::int,
        next_attempt_at = now(), leased_until = null, queued_at = null, updated_at = now()
    where id = any(${ids}::bigint[])`;
  const rows = await tx`
    with heads as (
      select head.id
      from (
        select distinct call_id, chat_id, integration_type
        from deliveries
        where id = any(${ids}::bigint[])
      ) as again
      cross join lateral (
        select id
        from deliveries
        where (call_id = again.call_id or chat_id = again.chat_id)
          and integration_type = again.integration_type
          and state in ('pending', 'sending', 'retrying', 'parked')
        order by id
        limit 1
      ) as head
    )
    update deliveries
    set queued_at = now(), sends = sends + 1
    where id in (select id from heads)
      and state in ('pending', 'retrying')
      and queued_at is null
      and next_attempt_at <= now()
    returning ${queuedColumns(tx)}`;
  return Queued.array()
    .parse([...rows])
    .toSorted((a, b) => Number(a.id) - Number(b.id));
}

export const ReplayRequest = z.object({
  states: z.array(z.string()),
  integration: z.string().optional(),
  step: z.string().optional(),
  from: z.coerce.date().optional(),
  to: z.coerce.date().optional(),
  /** The newest delivery there was when it was asked for. */
  until: z.string(),
});
export type ReplayRequest = z.output<typeof ReplayRequest>;

const Found = z.object({ id: z.string() });

/** The next deliveries that fit, oldest first. */
export async function findToReplay(
  db: Db,
  { enterpriseNumber, request, after, limit }: FindToReplay,
): Promise<string[]> {
  const rows = await db`
    select id
    from deliveries
    where ${fitting(db, enterpriseNumber, request)}
      and id > ${after}::bigint
    order by id
    limit ${limit}`;
  return Found.array()
    .parse([...rows])
    .map(({ id }) => id);
}
type FindToReplay = {
  enterpriseNumber: string;
  request: ReplayRequest;
  after: string;
  limit: number;
};

const Counted = z.object({ total: z.number() });

export async function countToReplay(
  db: Db,
  enterpriseNumber: string,
  request: ReplayRequest,
): Promise<number> {
  const [row] = await db`
    select count(*)::int as total
    from deliveries
    where ${fitting(db, enterpriseNumber, request)}`;
  return Counted.parse(row).total;
}

function fitting(db: Db, enterpriseNumber: string, request: ReplayRequest) {
  const { states, integration, step, from, to, until } = request;
  return db`
    enterprise_number = ${enterpriseNumber}
    and id <= ${until}::bigint
    and state = any(${states}::text[])
    ${integration ? db`and integration_type = ${integration}` : db``}
    ${step ? db`and step = ${step}` : db``}
    ${from ? db`and created_at >= ${from}` : db``}
    ${to ? db`and created_at <= ${to}` : db``}`;
}

export async function newestDelivery(db: Db, enterpriseNumber: string): Promise<string> {
  const [row] = await db`
    select id
    from deliveries
    where enterprise_number = ${enterpriseNumber}
    order by id desc
    limit 1`;
  return Found.optional().parse(row)?.id ?? '0';
}
