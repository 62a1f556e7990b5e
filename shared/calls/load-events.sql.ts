import * as z from 'zod';

import { IntegrationsConfig } from '../crm/config.ts';
import type { Db, Transaction } from '../db.ts';
import { StoredRecordingSettings } from '../recordings/settings.ts';
import type { AssignedEvent } from './assign-ids.ts';
import { type EventBody, type EventKind, EVENT_KINDS, parseEventBody } from './call-event.ts';

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

export type OpenedEvent = { event: AssignedEvent; enterprise: EnterpriseSettings };

/**
 * An event that still has to be worked in, with its enterprise, under the enterprise's lock until the transaction ends;
 * nothing when it is done, given up or unknown. The row was read before the lock was had: `callId` may be behind.
 * @throws Error when the stored body cannot be read
 */
export async function openEvent(
  tx: Transaction,
  eventId: string,
): Promise<OpenedEvent | undefined> {
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
