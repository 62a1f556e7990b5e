import type { JSONValue } from 'postgres';
import * as z from 'zod';

import type { Db } from '../db.ts';

const Offset = z.object({
  file: z.string(),
  position: z.coerce.number(),
  headSize: z.number(),
  headHash: z.string().nullable(),
});
export type CdrOffset = z.output<typeof Offset>;

/** How far the box's call list was read. */
export async function loadOffset(db: Db, enterpriseNumber: string): Promise<CdrOffset | undefined> {
  const [row] = await db`
    select file, position, head_size, head_hash
    from cdr_offsets
    where enterprise_number = ${enterpriseNumber}`;
  return row && Offset.parse(row);
}

export async function saveOffset(
  db: Db,
  enterpriseNumber: string,
  offset: CdrOffset,
): Promise<void> {
  await db`
    insert into cdr_offsets ${db({ enterpriseNumber, ...offset })}
    on conflict (enterprise_number) do update
    set ${db(offset)}, read_at = now()`;
}

const Known = z.object({
  uniqueId: z.string(),
  /** Null: events of it wait to be worked in. */
  callId: z.string().nullable(),
  mainUniqueId: z.string().nullable(),
  source: z.enum(['live', 'downloaded']).nullable(),
  ended: z.boolean(),
});
export type KnownChannel = z.output<typeof Known>;

/** Which of these channels belong to a call, or will as soon as the tracker gets to their events. */
export async function findKnown(
  db: Db,
  enterpriseNumber: string,
  uniqueIds: string[],
): Promise<KnownChannel[]> {
  const rows = await db`
    select call_legs.unique_id, calls.id as call_id, calls.main_unique_id, calls.source,
      calls.ended_at is not null as ended
    from call_legs
    join calls on calls.id = call_legs.call_id
    where call_legs.enterprise_number = ${enterpriseNumber}
      and call_legs.unique_id = any(${uniqueIds}::text[])
    union all
    select unique_id, null, null, null, false
    from call_events
    where processed_at is null
      and failed_at is null
      and received_at > now() - interval '1 day'
      and enterprise_number = ${enterpriseNumber}
      and unique_id = any(${uniqueIds}::text[])
      and source = 'live'`;
  return Known.array().parse([...rows]);
}

/** A box that writes no ids: is there a call of this number, or between these people, that began then? */
export async function hasCallAt(
  db: Db,
  call: {
    enterpriseNumber: string;
    phone: string | null;
    caller: string | null;
    startedAt: Date;
    withinSeconds: number;
  },
): Promise<boolean> {
  const { enterpriseNumber, phone, caller, startedAt, withinSeconds } = call;
  const rows = await db`
    select 1
    from calls
    where enterprise_number = ${enterpriseNumber}
      and merged_into is null
      and started_at between ${startedAt}::timestamptz - make_interval(secs => ${withinSeconds})
        and ${startedAt}::timestamptz + make_interval(secs => ${withinSeconds})
      and case
        when ${phone}::text is null then phone is null and caller is not distinct from ${caller}::text
        else right(phone, 9) = right(${phone}::text, 9)
      end
    limit 1`;
  return rows.length > 0;
}

/** A call that the call list made without ids, of which this channel may be: there must be just one. */
export async function findCallWithoutIds(
  db: Db,
  {
    enterpriseNumber,
    startedAt,
    withinSeconds,
  }: { enterpriseNumber: string; startedAt: Date; withinSeconds: number },
): Promise<string | undefined> {
  const rows = await db`
    select id
    from calls
    where enterprise_number = ${enterpriseNumber}
      and source = 'downloaded'
      and main_unique_id like 'cdr-%'
      and merged_into is null
      and answered_at is not null
      and started_at between ${startedAt}::timestamptz - make_interval(secs => ${withinSeconds})
        and ${startedAt}::timestamptz + make_interval(secs => ${withinSeconds})
    limit 2`;
  const [only, ...others] = z
    .object({ id: z.string() })
    .array()
    .parse([...rows]);
  return others.length === 0 ? only?.id : undefined;
}

/** An event that no box sent: made of its call list, or of a recording. False when it is there already. */
export async function insertDownloadedEvent(
  db: Db,
  event: {
    id: string;
    enterpriseNumber: string;
    uniqueId: string;
    payload: JSONValue;
    receivedAt: Date;
  },
): Promise<boolean> {
  const { id, enterpriseNumber, uniqueId, payload, receivedAt } = event;
  const rows = await db`
    insert into call_events (id, enterprise_number, event_type, unique_id, payload, raw, received_at, source)
    values (${id}::uuid, ${enterpriseNumber}, 'hangup', ${uniqueId}, ${db.json(payload)}, ${JSON.stringify(payload)},
      ${receivedAt}, 'downloaded')
    on conflict (id) do nothing
    returning 1`;
  return rows.length > 0;
}

/** The other channels of a call that was made of one event: events and recordings of theirs find it. */
export async function addLegs(
  db: Db,
  legs: { enterpriseNumber: string; mainUniqueId: string; uniqueIds: string[] },
): Promise<void> {
  const { enterpriseNumber, mainUniqueId, uniqueIds } = legs;
  await db`
    with call as (
      select call_id as id
      from call_legs
      where enterprise_number = ${enterpriseNumber}
        and unique_id = ${mainUniqueId}
    ),
    links as (
      insert into call_links (enterprise_number, key, call_id, seen_at)
      select ${enterpriseNumber}, 'channel:' || unique_id, call.id, now()
      from call, unnest(${uniqueIds}::text[]) as unique_id
      on conflict do nothing
    )
    insert into call_legs (enterprise_number, unique_id, call_id)
    select ${enterpriseNumber}, unique_id, call.id
    from call, unnest(${uniqueIds}::text[]) as unique_id
    on conflict (enterprise_number, unique_id) do nothing`;
}
