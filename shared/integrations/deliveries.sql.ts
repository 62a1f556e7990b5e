import * as z from 'zod';

import { STEPS } from '../crm/crm.schema.ts';
import type { Db } from '../db.ts';
import { knownZone } from '../zoned-time.ts';
import { DELIVERY_STATES } from './deliveries.schema.ts';

const DeliveryRow = z.object({
  id: z.string(),
  integrationType: z.string(),
  step: z.enum(STEPS),
  round: z.number(),
  state: z.enum(DELIVERY_STATES),
  reason: z.string().nullable(),
  attempts: z.number(),
  callId: z.string().nullable(),
  mainUniqueId: z.string().nullable(),
  chatId: z.string().nullable(),
  chatNumber: z.string().nullable(),
  phone: z.string().nullable(),
  extensions: z.array(z.string()),
  dueAt: z.date(),
  nextAttemptAt: z.date(),
  createdAt: z.date(),
  updatedAt: z.date(),
});
export type DeliveryRow = z.output<typeof DeliveryRow>;

export type DeliveryFilters = {
  integration?: string | undefined;
  state?: string | undefined;
  step?: string | undefined;
  /** Unique id of the call, or its id. */
  call?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
};

type Page = {
  enterpriseNumber: string;
  filters: DeliveryFilters;
  /** The last one of the page before. */
  after?: string | undefined;
  limit: number;
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export async function listDeliveries(db: Db, page: Page): Promise<DeliveryRow[]> {
  const rows = await selectDeliveries(db, page);
  return DeliveryRow.array().parse([...rows]);
}

/** The query of the list; apart, so that a test can have it explained. */
export function selectDeliveries(db: Db, { enterpriseNumber, filters, after, limit }: Page) {
  const { integration, state, step, call, from, to } = filters;
  return db`
    select ${columns(db)}
    from deliveries
    ${whatOwesThem(db)}
    where deliveries.enterprise_number = ${enterpriseNumber}
      ${call ? ofCall(db, enterpriseNumber, call) : db``}
      ${integration ? db`and deliveries.integration_type = ${integration}` : db``}
      ${state ? hasState(db, state) : db``}
      ${step ? db`and deliveries.step = ${step}` : db``}
      ${from ? db`and deliveries.created_at >= ${from} ${since(db, enterpriseNumber, from)}` : db``}
      ${to ? db`and deliveries.created_at <= ${to} ${until(db, enterpriseNumber, to)}` : db``}
      ${after === undefined ? db`` : db`and deliveries.id < ${after}::bigint`}
    order by deliveries.id desc
    limit ${limit}`;
}

/** The words stand in the query, because the index of the rare states is only used when they do. */
const RARE_STATES = ['retrying', 'parked', 'failed', 'expired'];

function hasState(db: Db, state: string) {
  if (!RARE_STATES.includes(state)) return db`and deliveries.state = ${state}`;
  return db`
    and deliveries.state = ${state}
    and deliveries.state in ('retrying', 'parked', 'failed', 'expired')`;
}

function ofCall(db: Db, enterpriseNumber: string, call: string) {
  if (UUID.test(call)) return db`and deliveries.call_id = ${call}::uuid`;
  return db`
    and deliveries.call_id in (
      select id
      from calls
      where enterprise_number = ${enterpriseNumber}
        and main_unique_id = ${call}
        and merged_into is null
    )`;
}

/** Ids grow with time, so that a time is a place in the order of ids, to within what is written at once. */
function since(db: Db, enterpriseNumber: string, from: Date) {
  return db`
    and deliveries.id >= coalesce((
      select id
      from deliveries
      where enterprise_number = ${enterpriseNumber}
        and created_at >= ${from}::timestamptz - interval '2 minutes'
      order by created_at, id
      limit 1
    ), 0) - 1000`;
}

function until(db: Db, enterpriseNumber: string, to: Date) {
  return db`
    and deliveries.id <= coalesce((
      select id
      from deliveries
      where enterprise_number = ${enterpriseNumber}
        and created_at <= ${to}::timestamptz + interval '2 minutes'
      order by created_at desc, id desc
      limit 1
    ), 0) + 1000`;
}

export async function findDelivery(
  db: Db,
  { enterpriseNumber, id }: { enterpriseNumber: string; id: string },
): Promise<DeliveryRow | undefined> {
  const [row] = await db`
    select ${columns(db)}
    from deliveries
    ${whatOwesThem(db)}
    where deliveries.id = ${id}::bigint
      and deliveries.enterprise_number = ${enterpriseNumber}`;
  return row && DeliveryRow.parse(row);
}

function whatOwesThem(db: Db) {
  return db`
    left join calls on calls.id = deliveries.call_id
    left join support_chats on support_chats.id = deliveries.chat_id
    left join chat_sessions on chat_sessions.id = support_chats.session_id`;
}

function columns(db: Db) {
  return db`
    deliveries.id, deliveries.integration_type, deliveries.step, deliveries.round, deliveries.state, deliveries.reason,
    deliveries.attempts, deliveries.call_id, calls.main_unique_id, deliveries.chat_id, support_chats.number as chat_number,
    coalesce(calls.phone, chat_sessions.phone) as phone, deliveries.extensions,
    deliveries.due_at, deliveries.next_attempt_at, deliveries.created_at, deliveries.updated_at`;
}

const Timezone = z.object({ timezone: z.string() });

/** The clock of an enterprise; the default one when its zone is none. */
export async function findTimezone(db: Db, number: string): Promise<string | undefined> {
  const [row] = await db`
    select timezone
    from enterprises
    where number = ${number}`;
  const found = Timezone.optional().parse(row);
  return found && knownZone(found.timezone);
}
