import type { JSONValue } from 'postgres';
import * as z from 'zod';

import { END_STATUSES, LIVE_STATUSES } from '../calls/call.ts';
import { IntegrationsConfig } from '../crm/config.ts';
import { CALL_STEPS, CHAT_STEPS } from '../crm/crm.schema.ts';
import { type CallSnapshot } from '../crm/crm.ts';
import type { Db, Transaction } from '../db.ts';
import { bestRecordingOf } from '../recordings/best.sql.ts';
import type { Verdict } from './after-attempt.ts';
import type { QueuedDelivery } from './messages.ts';
import { isBlocked, queuedColumns } from './order.sql.ts';
import { Queued } from './owing.sql.ts';
import { logUnsent } from './unsent-log.sql.ts';

const Common = z.object({
  id: z.string(),
  enterpriseNumber: z.string(),
  integrationType: z.string(),
  extensions: z.array(z.string()),
  state: z.enum([
    'pending',
    'sending',
    'delivered',
    'retrying',
    'parked',
    'skipped',
    'failed',
    'expired',
  ]),
  attempts: z.number(),
  repeats: z.number(),
  maybeApplied: z.boolean(),
  dueAt: z.date(),
  nextAttemptAt: z.date(),
  leasedUntil: z.date().nullable(),
  pausedAt: z.date().nullable(),
  openUntil: z.date().nullable(),
  blocked: z.boolean(),
  isOldest: z.boolean(),
  inFlight: z.number(),
  /** The database's clock, which all the times above are of. */
  now: z.date(),
  configVersion: z.number(),
  /** Only when the caller's copy is of another version. */
  config: IntegrationsConfig.nullable(),
  users: z.record(z.string(), z.string()),
  active: z.boolean(),
  timezone: z.string(),
  /** Of the call, or what the visitor of the chat entered. */
  phone: z.string().nullable(),
});

const OfCall = Common.extend({
  callId: z.string(),
  chatId: z.null(),
  step: z.enum(CALL_STEPS),
  mainUniqueId: z.string(),
  direction: z.enum(['in', 'out', 'internal']),
  status: z.enum([...LIVE_STATUSES, ...END_STATUSES]),
  line: z.string().nullable(),
  rang: z.array(z.string()),
  lastTalkedBy: z.string().nullable(),
  startedAt: z.date(),
  endedAt: z.date().nullable(),
  waitSeconds: z.number().nullable(),
  talkSeconds: z.number().nullable(),
  /** What stands after /r/ in the permanent link. */
  recordingFile: z.string().nullable(),
  /** The recording that is delivered, once it is stored. */
  recordingKey: z.string().nullable(),
  recordingType: z.string().nullable(),
});
export type CallDelivery = z.output<typeof OfCall>;

const OfChat = Common.extend({
  callId: z.null(),
  chatId: z.string(),
  step: z.enum(CHAT_STEPS),
  chatMessageId: z.string().nullable(),
});

const Loaded = z.union([OfCall, OfChat]);
export type LoadedDelivery = z.output<typeof Loaded>;

/** Decisions on one integration are taken one after the other, so that its limits hold over all instances. */
export async function lockIntegrationOf(tx: Transaction, deliveryId: string): Promise<void> {
  await tx`
    select pg_advisory_xact_lock(hashtextextended('crm:' || enterprise_number || ':' || integration_type, 0))
    from deliveries
    where id = ${deliveryId}::bigint`;
}

/**
 * A delivery with its call or chat, its integration's state and, when the copy in memory is of another version, the settings.
 * `known` maps enterprise numbers to the versions in memory.
 */
export async function loadDelivery(
  db: Db,
  deliveryId: string,
  known: Record<string, number>,
): Promise<LoadedDelivery | undefined> {
  const [row] = await db`
    select
      deliveries.id, deliveries.enterprise_number, deliveries.integration_type, deliveries.call_id, deliveries.chat_id,
      deliveries.chat_message_id, deliveries.step, deliveries.extensions, deliveries.state, deliveries.attempts, deliveries.repeats, deliveries.maybe_applied,
      deliveries.due_at, deliveries.next_attempt_at, deliveries.leased_until,
      integration_states.paused_at, integration_states.open_until,
      ${isBlocked(db)} as blocked,
      not exists (
        select from deliveries as older
        where older.enterprise_number = deliveries.enterprise_number
          and older.integration_type = deliveries.integration_type
          and older.id < deliveries.id
          and older.state in ('pending', 'retrying')
          and older.due_at <= now()
      ) as is_oldest,
      clock_timestamp() as now,
      (
        select count(*)::int
        from deliveries as sending
        where sending.enterprise_number = deliveries.enterprise_number
          and sending.integration_type = deliveries.integration_type
          and sending.state = 'sending'
          and sending.leased_until > now()
      ) as in_flight,
      enterprises.config_version,
      case
        when (${db.json(known)}::jsonb ->> enterprises.number)::int is distinct from enterprises.config_version
        then enterprises.integrations_config
      end as config,
      coalesce((
        select jsonb_object_agg(extension, crm_user_id)
        from integration_users
        where integration_users.enterprise_number = deliveries.enterprise_number
          and integration_users.integration_type = deliveries.integration_type
      ), '{}') as users,
      enterprises.active, enterprises.timezone,
      calls.main_unique_id, calls.direction, calls.status, coalesce(calls.phone, chat_sessions.phone) as phone, calls.line, calls.rang, calls.last_talked_by,
      calls.started_at, calls.ended_at, calls.wait_seconds, calls.talk_seconds, calls.recording_file,
      recording.key as recording_key, recording.content_type as recording_type
    from deliveries
    join enterprises on enterprises.number = deliveries.enterprise_number
    left join calls on calls.id = deliveries.call_id
    left join support_chats on support_chats.id = deliveries.chat_id
    left join chat_sessions on chat_sessions.id = support_chats.session_id
    left join integration_states
      on integration_states.enterprise_number = deliveries.enterprise_number
      and integration_states.integration_type = deliveries.integration_type
    left join lateral (${bestRecordingOf(db)}) as recording on true
    where deliveries.id = ${deliveryId}::bigint`;
  return row && Loaded.parse(row);
}

/** The links to a call's recording, as its snapshot has them. */
export type RecordingLinks = Pick<
  CallSnapshot,
  'recordingUrl' | 'recordingDirectUrl' | 'recordingDirectUntil'
>;

export function toSnapshot(delivery: CallDelivery, links: RecordingLinks): CallSnapshot {
  const { enterpriseNumber, callId, mainUniqueId, direction, status, phone, line } = delivery;
  const { rang, lastTalkedBy } = delivery;
  const { startedAt, endedAt, waitSeconds, talkSeconds, timezone } = delivery;
  return {
    id: callId,
    enterpriseNumber,
    mainUniqueId,
    direction,
    status,
    phone,
    line,
    rang,
    lastTalkedBy,
    startedAt,
    endedAt,
    waitSeconds,
    talkSeconds,
    timezone,
    ...links,
  };
}

const NO_CALL = { mainUniqueId: null, lastTalkedBy: null };

/** Marks the delivery as being sent until the lease ends, and opens the log row of the attempt. Returns the row's id. */
export async function beginAttempt(
  tx: Transaction,
  delivery: LoadedDelivery,
  {
    maybeApplied,
    leaseSeconds,
    probeSeconds,
  }: { maybeApplied: boolean; leaseSeconds: number; probeSeconds: number },
): Promise<string> {
  const attempt = delivery.attempts + 1;
  const { mainUniqueId, lastTalkedBy } = delivery.callId === null ? NO_CALL : delivery;
  const [, , , [row]] = await Promise.all([
    closeBrokenOff(tx, delivery),
    tx`
      update deliveries
      set state = 'sending', attempts = ${attempt}, maybe_applied = ${maybeApplied},
          leased_until = now() + make_interval(secs => ${leaseSeconds}), updated_at = now()
      where id = ${delivery.id}::bigint`,
    // While the circuit is half open this attempt is the probe; the others wait for it.
    tx`
      update integration_states
      set open_until = now() + make_interval(secs => ${probeSeconds})
      where enterprise_number = ${delivery.enterpriseNumber}
        and integration_type = ${delivery.integrationType}
        and open_until is not null`,
    tx`
      insert into integration_logs (enterprise_number, integration_type, event_type, call_unique_id, phone_number,
        internal_extension, status, delivery_id, attempt)
      values (${delivery.enterpriseNumber}, ${delivery.integrationType}, ${delivery.step}, ${mainUniqueId},
        ${delivery.phone}, ${lastTalkedBy ?? delivery.extensions[0] ?? null}, 'pending',
        ${delivery.id}::bigint, ${attempt})
      returning id`,
  ]);
  return z.object({ id: z.string() }).parse(row).id;
}

/** The attempt of a worker that died stays without an end: this is it. */
function closeBrokenOff(tx: Transaction, { id }: LoadedDelivery) {
  return tx`
    update integration_logs
    set status = 'error', error_message = 'Попытка оборвалась, итог неизвестен', updated_at = now()
    where delivery_id = ${id}::bigint
      and status = 'pending'
      and error_message is null`;
}

export type AttemptRecord = {
  request: JSONValue;
  response: JSONValue;
  tookMs: number;
};

/** Closes the attempt: its log row, the delivery, and what it says of the integration. */
export async function endAttempt(
  tx: Transaction,
  delivery: LoadedDelivery,
  logId: string,
  verdict: Verdict,
  { request, response, tookMs }: AttemptRecord,
): Promise<void> {
  const succeeded = verdict.state === 'delivered' || verdict.state === 'skipped';
  await Promise.all([
    tx`
      update integration_logs
      set status = ${succeeded ? 'success' : 'error'}, error_message = ${verdict.problem},
          request_data = ${tx.json(request)}, response_data = ${tx.json(response)}, response_time_ms = ${tookMs},
          http_status = ${verdict.httpStatus}, updated_at = now()
      where id = ${logId}::bigint`,
    tx`
      update deliveries
      set state = ${verdict.state}, reason = ${verdict.problem}, leased_until = null,
          maybe_applied = maybe_applied or ${verdict.maybeApplied},
          next_attempt_at = now() + make_interval(secs => ${verdict.retryInSeconds ?? 0}),
          queued_at = case when ${verdict.staysQueued} then now() end, updated_at = now()
      where id = ${delivery.id}::bigint
        and state = 'sending'
        and attempts = ${delivery.attempts + 1}`,
  ]);
}

/** A delivery that ends without an attempt: one log row says why. */
export async function finishUnsent(
  tx: Transaction,
  delivery: LoadedDelivery,
  { state, reason }: { state: 'skipped' | 'expired' | 'parked'; reason: string },
): Promise<void> {
  await Promise.all([
    closeBrokenOff(tx, delivery),
    tx`
      with ended as (
        update deliveries
        set state = ${state}, reason = ${reason}, leased_until = null, queued_at = null, updated_at = now()
        where id = ${delivery.id}::bigint
        returning deliveries.*
      )
      ${logUnsent(tx)}`,
  ]);
}

/** The row has no message on the queue now; the sweeper, or the step before it, brings it back. */
export async function leaveQueue(
  tx: Transaction,
  deliveryId: string,
  nextAttemptAt: Date | undefined,
): Promise<void> {
  await tx`
    update deliveries
    set queued_at = null, state = case when ${nextAttemptAt ?? null}::timestamptz is null then state else 'retrying' end,
        next_attempt_at = coalesce(${nextAttemptAt ?? null}::timestamptz, next_attempt_at), updated_at = now()
    where id = ${deliveryId}::bigint
      and state in ('pending', 'retrying')`;
}

/** The next step of the same call or chat and integration, when it is due and has no message on the queue. */
export async function takeNextStep(
  tx: Transaction,
  { callId, chatId, integrationType }: LoadedDelivery,
): Promise<QueuedDelivery | undefined> {
  const [row] = await tx`
    update deliveries
    set queued_at = now(), sends = sends + 1
    where id = (
        select id
        from deliveries
        where ${callId === null ? tx`chat_id = ${chatId}::uuid` : tx`call_id = ${callId}::uuid`}
          and integration_type = ${integrationType}
          and state in ('pending', 'sending', 'retrying', 'parked')
        order by id
        limit 1
      )
      and state in ('pending', 'retrying')
      and next_attempt_at <= now()
      and queued_at is null
    returning ${queuedColumns(tx)}`;
  return row && Queued.parse(row);
}
