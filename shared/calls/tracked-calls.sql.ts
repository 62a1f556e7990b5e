import * as z from 'zod';

import { IntegrationsConfig } from '../crm/config.ts';
import type { Db, Transaction } from '../db.ts';
import type { AssignedEvent } from './assign-ids.ts';
import { EVENT_KINDS, parseEventBody } from './call-event.ts';
import type { Call } from './call.ts';

const EventRow = z.object({
  id: z.string(),
  kind: z.enum(EVENT_KINDS),
  payload: z.unknown(),
  receivedAt: z.date(),
  callId: z.string().nullable(),
  isCall: z.boolean(),
});

const EnterpriseSettings = z.object({
  number: z.string(),
  timezone: z.string(),
  integrationsConfig: IntegrationsConfig,
  /** Null when the enterprise has no Telegram chat or no bot. */
  telegramChat: z.string().nullable(),
  /** Its calls wait on the box for us to move them. */
  redirectsOnStart: z.boolean(),
  /** Somebody asked for a click-to-call lately: the call may be the answer to it. */
  clicked: z.boolean(),
});
export type EnterpriseSettings = z.output<typeof EnterpriseSettings>;

/** A number links a leg to a call that lives, or that ended no longer ago than this. */
const NUMBER_LINKS_FOR = '60 seconds';
/** The longest life of a call without events; nothing older can be meant. */
const CALL_LIVES_FOR = '4 hours';

/** What the tracker has to know of an event's enterprise; taking it takes the enterprise's lock. */
function settingsUnderLock(db: Db, at: 'call_events.received_at' | 'calls.last_event_at') {
  // One writer per enterprise at a time: two events of one conversation must not make two calls of it.
  return db`
    pg_advisory_xact_lock(hashtextextended('calls:' || enterprises.number, 0)) is null as locked,
    enterprises.number,
    enterprises.timezone,
    enterprises.integrations_config,
    case when enterprises.bot_token is not null then enterprises.chat_id end as telegram_chat,
    coalesce(enterprises.smart_redirect ->> 'mode' = 'waitredirect', false) as redirects_on_start,
    exists (
      select from originates
      where originates.enterprise_number = enterprises.number
        and originates.requested_at > ${db(at)} - interval '5 hours'
    ) as clicked`;
}

/**
 * An event that still has to be worked in, with its enterprise, under the enterprise's lock until the transaction ends;
 * nothing when it is done, given up or unknown. The row was read before the lock was had: `callId` may be behind.
 * @throws Error when the stored body cannot be read
 */
export async function openEvent(
  tx: Transaction,
  eventId: string,
): Promise<{ event: AssignedEvent; enterprise: EnterpriseSettings } | undefined> {
  const [row] = await tx`
    select ${eventColumns(tx)}, ${settingsUnderLock(tx, 'call_events.received_at')}
    from call_events
    join enterprises on enterprises.number = call_events.enterprise_number
    where call_events.id = ${eventId}::uuid
      -- Written so that the index of the waiting events does not fit: by it the whole backlog would be walked.
      and coalesce(call_events.processed_at, call_events.failed_at) is null`;
  if (!row) return undefined;
  const [event] = toEvents([row]);
  if (!event) throw new Error('the stored event cannot be read');
  return { event, enterprise: EnterpriseSettings.parse(row) };
}

/** The enterprise of a call, under its lock until the transaction ends. */
export async function openCall(
  tx: Transaction,
  callId: string,
): Promise<EnterpriseSettings | undefined> {
  const [row] = await tx`
    select ${settingsUnderLock(tx, 'calls.last_event_at')}
    from calls
    join enterprises on enterprises.number = calls.enterprise_number
    where calls.id = ${callId}::uuid`;
  return row && EnterpriseSettings.parse(row);
}

/** All events of the calls that share a key, or the outside number while it links, with the one that came. */
export async function loadNeighbours(
  db: Db,
  near: { enterpriseNumber: string; keys: string[]; phone: string | null; at: Date },
): Promise<AssignedEvent[]> {
  const rows = await db`
    with candidates as (
      select call_id
      from call_links
      where enterprise_number = ${near.enterpriseNumber}
        and key = any(${near.keys}::text[])
      union
      select id
      from calls
      where enterprise_number = ${near.enterpriseNumber}
        and phone = ${near.phone}
        and started_at between ${near.at}::timestamptz - ${CALL_LIVES_FOR}::interval
          and ${near.at}::timestamptz + ${CALL_LIVES_FOR}::interval
        and (ended_at is null or ended_at > ${near.at}::timestamptz - ${NUMBER_LINKS_FOR}::interval)
        and merged_into is null
    )
    select mine.id, mine.kind, mine.payload, mine.received_at, mine.call_id, known.is_call
    from candidates
    cross join lateral (
      select exists (select from calls where calls.id = candidates.call_id) as is_call
    ) as known
    -- One index walk per candidate; as a join the planner would read the whole day of all enterprises.
    cross join lateral (
      select id, event_type as kind, payload, received_at, call_id
      from call_events
      where call_events.call_id = candidates.call_id
        and id >= uuid_v7_floor(${near.at}::timestamptz - interval '1 day')
      offset 0
    ) as mine`;
  return toEvents([...rows]);
}

/** All events of one call. */
export async function loadEventsOf(db: Db, callId: string): Promise<AssignedEvent[]> {
  const rows = await db`
    select ${eventColumns(db)}
    from call_events
    where call_id = ${callId}::uuid`;
  return toEvents([...rows]);
}

function eventColumns(db: Db) {
  return db`
    call_events.id, call_events.event_type as kind, call_events.payload, call_events.received_at, call_events.call_id,
    exists (select from calls where calls.id = call_events.call_id) as is_call`;
}

function toEvents(rows: unknown[]): AssignedEvent[] {
  return EventRow.array()
    .parse(rows)
    .flatMap(({ payload, ...row }) => {
      const body = parseEventBody(row.kind, payload);
      return body.success ? [{ ...row, ...body.data }] : [];
    });
}

const SavedCall = z.object({ version: z.number(), changed: z.boolean() });
type SavedCall = z.output<typeof SavedCall>;

/** What people see of a call: only a change of these makes a new version. */
const VISIBLE =
  `status direction phone line caller ringing rang first_answered_by last_talked_by transfer_from
  transfer_to started_at answered_at ended_at talk_seconds`.split(/\s+/);

/** Writes a call as its events make it now. */
export async function saveCall(
  tx: Transaction,
  {
    callId,
    call,
    enterprise,
    lastEventAt,
  }: {
    callId: string;
    call: Call;
    enterprise: EnterpriseSettings;
    lastEventAt: Date;
  },
): Promise<SavedCall> {
  const { transfer, talkers: _talkers, uniqueIds: _uniqueIds, ...columns } = call;
  const row = {
    ...columns,
    transferFrom: transfer?.from ?? null,
    transferTo: transfer?.to ?? null,
    lastEventAt,
  };
  const seen = (table: string) =>
    tx`(${VISIBLE.map((column, index) => tx`${index ? tx`,` : tx``}${tx(`${table}.${column}`)}`)})`;
  const [saved] = await tx`
    with before as (
      select version
      from calls
      where id = ${callId}::uuid
    )
    insert into calls ${tx({ ...row, id: callId, enterpriseNumber: enterprise.number })}
    on conflict (id) do update
    set ${tx(row)},
        updated_at = now(),
        version = calls.version + (${seen('calls')} is distinct from ${seen('excluded')})::int
    returning version, version is distinct from (select version from before) as changed`;
  return SavedCall.parse(saved);
}

/** The channels of a call, its talkers, the keys by which events find it, and which events it is made of. */
export async function saveMembers(
  tx: Transaction,
  {
    callId,
    call,
    enterprise,
    keys,
    lost,
    eventIds,
    at,
  }: {
    callId: string;
    call: Call | undefined;
    enterprise: EnterpriseSettings;
    /** By which its events find it. */
    keys: string[];
    /** Some of its events turned out to be another call's. */
    lost: boolean;
    eventIds: string[];
    at: Date;
  },
): Promise<void> {
  const enterpriseNumber = enterprise.number;
  const writes = [
    tx`
      insert into call_links (enterprise_number, key, call_id, seen_at)
      select ${enterpriseNumber}, key, ${callId}::uuid, ${at}
      from unnest(${keys}::text[]) as key
      on conflict (enterprise_number, key, call_id) do nothing`,
    tx`
      update call_events
      set call_id = ${callId}::uuid
      where id = any(${eventIds}::uuid[])
        and call_id is distinct from ${callId}::uuid`,
  ];
  if (lost) {
    writes.push(tx`
      delete from call_links
      where call_id = ${callId}::uuid
        and key <> all(${keys}::text[])`);
  }
  if (call) {
    const talkers = call.talkers.map(({ extension, from, to }, position) => ({
      callId,
      position,
      extension,
      fromAt: from,
      toAt: to,
    }));
    writes.push(
      tx`
        insert into call_legs (enterprise_number, unique_id, call_id)
        select ${enterpriseNumber}, unique_id, ${callId}::uuid
        from unnest(${call.uniqueIds}::text[]) as unique_id
        on conflict (enterprise_number, unique_id) do update
        set call_id = excluded.call_id
        where call_legs.call_id <> excluded.call_id`,
      tx`delete from call_talkers where call_id = ${callId}::uuid`,
    );
    if (talkers.length > 0) writes.push(tx`insert into call_talkers ${tx(talkers)}`);
  }
  await Promise.all(writes);
}

/** Marks calls that turned out to be part of another one. Their rows stay as history; their messages are to go. */
export async function markMerged(
  tx: Transaction,
  merged: { from: string; into: string }[],
): Promise<{ callId: string; version: number }[]> {
  const rows = [];
  for (const { from, into } of merged) {
    rows.push(
      ...(await tx`
        update calls
        set merged_into = ${into}::uuid, version = version + 1, updated_at = now()
        where id = ${from}::uuid
        returning id as call_id, version`),
    );
    await tx`delete from call_links where call_id = ${from}::uuid`;
  }
  return z.object({ callId: z.string(), version: z.number() }).array().parse(rows);
}

/** An enterprise without Telegram has nothing to catch up with. */
export async function markShown(tx: Transaction, callId: string, version: number): Promise<void> {
  await tx`
    update calls
    set telegram_version = ${version}
    where id = ${callId}::uuid`;
}

export async function markProcessed(tx: Transaction, eventId: string): Promise<void> {
  await tx`
    update call_events
    set processed_at = now()
    where id = ${eventId}::uuid`;
}

/** Counts a failed try. Returns true when it was the last one. */
export async function noteFailure(
  db: Db,
  eventId: string,
  reason: string,
  maxAttempts: number,
): Promise<boolean> {
  const [row] = await db`
    update call_events
    set attempts = attempts + 1,
        last_error = ${reason},
        failed_at = case when attempts + 1 >= ${maxAttempts} then now() end
    where id = ${eventId}::uuid
    returning failed_at is not null as given_up`;
  return z.object({ givenUp: z.boolean() }).optional().parse(row)?.givenUp ?? true;
}

/** Living calls that had no event for this long. */
export async function findSilentCalls(db: Db, silentFor: string, limit: number): Promise<string[]> {
  const rows = await db`
    select id
    from calls
    where ended_at is null
      and merged_into is null
      and last_event_at < now() - ${silentFor}::interval
    order by last_event_at
    limit ${limit}`;
  return z
    .object({ id: z.string() })
    .array()
    .parse([...rows])
    .map(({ id }) => id);
}
