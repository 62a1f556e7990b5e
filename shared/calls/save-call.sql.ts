import * as z from 'zod';

import type { Transaction } from '../db.ts';
import { ExistingSteps, stepsOfCall } from '../deliveries/owing.sql.ts';
import { newFileName } from '../recordings/names.ts';
import type { Call } from './call.ts';
import type { EnterpriseSettings } from './load-events.sql.ts';

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
