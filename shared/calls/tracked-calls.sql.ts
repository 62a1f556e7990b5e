import * as z from 'zod';

import { IntegrationsConfig } from '../crm/config.ts';
import type { Db, Transaction } from '../db.ts';
import { ExistingSteps, stepsOfCall } from '../deliveries/owing.sql.ts';
import { newFileName } from '../recordings/names.ts';
import { StoredRecordingSettings } from '../recordings/settings.ts';
import type { AssignedEvent } from './assign-ids.ts';
import { type EventBody, type EventKind, EVENT_KINDS, parseEventBody } from './call-event.ts';
import type { Call } from './call.ts';

const EventRow = z.object({
  id: z.string(),
  kind: z.enum(EVENT_KINDS),
  payload: z.unknown(),
  receivedAt: z.date(),
  source: z.enum(['live', 'downloaded']),
  callId: z.string().nullable(),
  isCall: z.boolean(),
});

const EnterpriseSettings = z.object({
  number: z.string(),
  timezone: z.string(),
  integrationsConfig: IntegrationsConfig,
  /** Null when the enterprise has no Telegram chat or no bot. */
  telegramChat: z.string().nullable(),
  copiesRecordings: z.boolean(),
  recordings: StoredRecordingSettings,
  /** Its calls wait on the box for us to move them. */
  redirectsOnStart: z.boolean(),
  /** Somebody asked for a click-to-call lately: the call may be the answer to it. */
  clicked: z.boolean(),
  /** The database's clock: what is owed is dated and judged by the same one. */
  now: z.date(),
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
    enterprises.parameter_option_3 as copies_recordings, enterprises.recordings,
    case when enterprises.bot_token is not null then enterprises.chat_id end as telegram_chat,
    coalesce(enterprises.smart_redirect ->> 'mode' = 'waitredirect', false) as redirects_on_start,
    exists (
      select from originates
      where originates.enterprise_number = enterprises.number
        and originates.requested_at > ${db(at)} - interval '5 hours'
    ) as clicked,
    clock_timestamp() as now`;
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
    select mine.id, mine.kind, mine.payload, mine.received_at, mine.source, mine.call_id, known.id is not null as is_call
    from candidates
    left join lateral (
      select id
      from calls
      where calls.id = candidates.call_id
      offset 0
    ) as known on true
    -- One index walk per candidate; as a join the planner would read the whole day of all enterprises.
    cross join lateral (
      select id, event_type as kind, payload, received_at, source, call_id
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
    call_events.id, call_events.event_type as kind, call_events.payload, call_events.received_at,
    call_events.source, call_events.call_id,
    exists (select from calls where calls.id = call_events.call_id) as is_call`;
}

function toEvents(rows: unknown[]): AssignedEvent[] {
  return EventRow.array()
    .parse(rows)
    .flatMap(({ payload, ...row }) => {
      const body = readBody(row.id, row.kind, payload);
      return body ? [{ ...row, ...body }] : [];
    });
}

/** Bodies read lately. A stored body never changes, and it is read again with every later event of its call. */
const lately = new Map<string, EventBody>();
const MOST_LATELY = 5_000;

function readBody(id: string, kind: EventKind, payload: unknown): EventBody | undefined {
  const known = lately.get(id);
  if (known) return known;
  const body = parseEventBody(kind, payload);
  if (!body.success) return undefined;
  lately.set(id, body.data);
  const [oldest] = lately.size > MOST_LATELY ? lately.keys() : [];
  if (oldest !== undefined) lately.delete(oldest);
  return body.data;
}

/** The last event's moment is only for the reaper, who waits for hours: as often as this it is written for itself. */
const LAST_EVENT_LAGS = '1 minute';

const SavedCall = z.object({
  version: z.number(),
  /** Something that people see is new. */
  changed: z.boolean(),
  source: z.enum(['live', 'downloaded']),
  steps: ExistingSteps,
});

type CallToSave = Members & {
  call: Call;
  enterprise: EnterpriseSettings;
  /** Of a call that is new. What events that come late make of it does not change where it came from. */
  source: 'live' | 'downloaded';
};
type Members = {
  callId: string;
  enterpriseNumber: string;
  /** By which its events find it. */
  keys: string[];
  /** Some of its events turned out to be another call's. */
  lost: boolean;
  /** Those that are new to it. */
  eventIds: string[];
  /** Channels that are new to it. */
  uniqueIds: string[];
  /** The event that is worked in with this, if any. */
  processed: string | null;
  lastEventAt: Date;
};

/**
 * Writes a call as its events make it now, with all that hangs on it, in one statement: a flight to the database costs
 * more than the writing. What is as it was is not written again; most events of a call change nothing people see.
 * Only a change of what they see makes a new version.
 */
export async function saveCall(
  tx: Transaction,
  { call, enterprise, source, ...members }: CallToSave,
): Promise<z.output<typeof SavedCall>> {
  const { callId, enterpriseNumber, uniqueIds, lastEventAt } = members;
  const { talkers } = call;
  // The link is known before the file is there: CRMs are told of it together with the call.
  const recordingFile =
    call.answeredAt && enterprise.copiesRecordings
      ? newFileName(enterprise.recordings.format)
      : null;
  const untold = !enterprise.telegramChat || source === 'downloaded';
  const [saved] = await tx`
    with before as (
      select version, source
      from calls
      where id = ${callId}::uuid
    ), saved as (
      insert into calls as mine (id, enterprise_number, main_unique_id, click_to_call, settled, wait_seconds,
        status, direction, phone, line, caller, ringing, rang, first_answered_by, last_talked_by, transfer_from,
        transfer_to, started_at, answered_at, ended_at, talk_seconds, last_event_at, telegram_version, source,
        recording_file)
      values (${callId}, ${enterpriseNumber}, ${call.mainUniqueId}, ${call.clickToCall}, ${call.settled},
        ${call.waitSeconds}, ${call.status}, ${call.direction}, ${call.phone}, ${call.line}, ${call.caller},
        ${call.ringing}, ${call.rang}, ${call.firstAnsweredBy}, ${call.lastTalkedBy}, ${call.transfer?.from ?? null},
        ${call.transfer?.to ?? null}, ${call.startedAt}, ${call.answeredAt}, ${call.endedAt}, ${call.talkSeconds},
        ${lastEventAt}, ${untold ? 1 : 0}, ${source}, ${recordingFile})
      on conflict (id) do update
      set main_unique_id = excluded.main_unique_id, click_to_call = excluded.click_to_call,
          settled = excluded.settled, wait_seconds = excluded.wait_seconds, status = excluded.status,
          direction = excluded.direction, phone = excluded.phone, line = excluded.line, caller = excluded.caller,
          ringing = excluded.ringing, rang = excluded.rang, first_answered_by = excluded.first_answered_by,
          last_talked_by = excluded.last_talked_by, transfer_from = excluded.transfer_from,
          transfer_to = excluded.transfer_to, started_at = excluded.started_at, answered_at = excluded.answered_at,
          ended_at = excluded.ended_at, talk_seconds = excluded.talk_seconds, last_event_at = excluded.last_event_at,
          updated_at = now(),
          recording_file = coalesce(mine.recording_file, excluded.recording_file),
          version = mine.version + ${seenDiffers(tx)}::int,
          -- An enterprise without Telegram has nothing to catch up with; nor has a call found afterwards.
          telegram_version = case
            when excluded.telegram_version = 1 or mine.source = 'downloaded' then mine.version + ${seenDiffers(tx)}::int
            else mine.telegram_version
          end
      where ${seenDiffers(tx)}
        or (mine.main_unique_id, mine.click_to_call, mine.settled, mine.wait_seconds)
          is distinct from
          (excluded.main_unique_id, excluded.click_to_call, excluded.settled, excluded.wait_seconds)
        or mine.last_event_at < excluded.last_event_at - ${LAST_EVENT_LAGS}::interval
        or (excluded.telegram_version = 1 and mine.telegram_version < mine.version)
        or (mine.recording_file is null and excluded.recording_file is not null)
      returning version
    ), legs as (
      insert into call_legs (enterprise_number, unique_id, call_id)
      select ${enterpriseNumber}, unique_id, ${callId}::uuid
      from unnest(${uniqueIds}::text[]) as unique_id
      on conflict (enterprise_number, unique_id) do update
      set call_id = excluded.call_id
      where call_legs.call_id <> excluded.call_id
    ), silenced as (
      delete from call_talkers
      where call_id = ${callId}::uuid
        and position >= ${talkers.length}
    ), talking as (
      insert into call_talkers as mine (call_id, position, extension, from_at, to_at)
      select ${callId}::uuid, place - 1, extension, from_at, to_at
      from unnest(
        ${talkers.map(({ extension }) => extension)}::text[],
        ${talkers.map(({ from }) => from.toISOString())}::timestamptz[],
        ${talkers.map(({ to }) => to?.toISOString() ?? null)}::timestamptz[]
      ) with ordinality as talker (extension, from_at, to_at, place)
      on conflict (call_id, position) do update
      set extension = excluded.extension, from_at = excluded.from_at, to_at = excluded.to_at
      where (mine.extension, mine.from_at, mine.to_at) is distinct from
        (excluded.extension, excluded.from_at, excluded.to_at)
    ), ${membersWritten(tx, members)}
    select coalesce(saved.version, before.version) as version,
      saved.version is not null and saved.version is distinct from before.version as changed,
      coalesce(before.source, ${source}) as source,
      ${stepsOfCall(tx, callId)} as steps
    from (values (1)) as one
    left join before on true
    left join saved on true`;
  return SavedCall.parse(saved);
}

/** What people see of a call. */
function seenDiffers(tx: Transaction) {
  return tx`(
    (mine.status, mine.direction, mine.phone, mine.line, mine.caller, mine.ringing, mine.rang, mine.first_answered_by,
      mine.last_talked_by, mine.transfer_from, mine.transfer_to, mine.started_at, mine.answered_at, mine.ended_at,
      mine.talk_seconds)
    is distinct from
    (excluded.status, excluded.direction, excluded.phone, excluded.line, excluded.caller, excluded.ringing,
      excluded.rang, excluded.first_answered_by, excluded.last_talked_by, excluded.transfer_from,
      excluded.transfer_to, excluded.started_at, excluded.answered_at, excluded.ended_at, excluded.talk_seconds))`;
}

/** Events that are not a call (yet): caller ids and empty bridges. */
export async function saveMembers(tx: Transaction, members: Members): Promise<void> {
  await tx`
    with ${membersWritten(tx, members)}
    select`;
}

/** Which events a call is made of and the keys by which the next ones find it. */
function membersWritten(
  tx: Transaction,
  { callId, enterpriseNumber, keys, lost, eventIds, processed, lastEventAt }: Members,
) {
  const sorted = eventIds.toSorted();
  return tx`
    unlinked as (
      delete from call_links
      where ${lost}
        and call_id = ${callId}::uuid
        and key <> all(${keys}::text[])
    ), linked as (
      insert into call_links (enterprise_number, key, call_id, seen_at)
      select ${enterpriseNumber}, key, ${callId}::uuid, ${lastEventAt}
      from unnest(${keys}::text[]) as key
      on conflict (enterprise_number, key, call_id) do nothing
    ), joined as (
      update call_events
      set call_id = ${callId}::uuid,
          processed_at = case when id = ${processed}::uuid then now() else processed_at end
      where id = any(${eventIds}::uuid[])
        -- By these the partitions are chosen; of a list the planner would open them all.
        and id between ${sorted[0] ?? null}::uuid and ${sorted.at(-1) ?? null}::uuid
    )`;
}

/** Marks calls that turned out to be part of another one. Their rows stay as history; their messages are to go. */
export async function markMerged(
  tx: Transaction,
  merged: { from: string; into: string }[],
): Promise<{ callId: string; version: number }[]> {
  const rows = await tx`
    with moved as (
      update recordings
      set call_id = pair.into_id
      from unnest(
        ${merged.map(({ from }) => from)}::uuid[], ${merged.map(({ into }) => into)}::uuid[]
      ) as pair (from_id, into_id)
      where recordings.call_id = pair.from_id
    )
    update calls
    set merged_into = pair.into_id, version = version + 1, updated_at = now()
    from unnest(
      ${merged.map(({ from }) => from)}::uuid[], ${merged.map(({ into }) => into)}::uuid[]
    ) as pair (from_id, into_id)
    where calls.id = pair.from_id
    returning calls.id as call_id, calls.version`;
  return z
    .object({ callId: z.string(), version: z.number() })
    .array()
    .parse([...rows]);
}

/** Nothing is found by these any more: their events are another one's. */
export async function unlinkAll(tx: Transaction, callIds: string[]): Promise<void> {
  await tx`
    delete from call_links
    where call_id = any(${callIds}::uuid[])`;
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
