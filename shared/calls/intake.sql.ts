import type { JSONValue } from 'postgres';
import * as z from 'zod';

import type { Db } from '../db.ts';

const Stored = z.object({
  number: z.string(),
  active: z.boolean(),
  eventId: z.string().nullable(),
});
const Owner = z.object({ number: z.string(), active: z.boolean() });

export type NewEvent = {
  id: string;
  token: string;
  kind: string;
  uniqueId: string | null;
  payload: JSONValue;
  payloadHash: Buffer;
  raw: string;
};

/** Within this time the same body is the same event; later it is a new one (a greeting loop really dials again). */
const REPEAT_WINDOW = '30 seconds';

/**
 * Finds the enterprise by token, writes the key and the event: one statement, one round trip.
 * `eventId` is the id of the event this body belongs to: the given one when it is new, an earlier one when it is a
 * repeat, null when the enterprise takes no events. Nothing comes back for an unknown token.
 * Safe to repeat with the same id.
 */
export async function storeEvent(
  db: Db,
  event: NewEvent,
): Promise<z.output<typeof Stored> | undefined> {
  const [row] = await db`
    with enterprise as (
      ${findEnterprise(db, event.token)}
    ),
    key as (
      insert into event_keys (enterprise_number, event_type, payload_hash, event_id, received_at)
      select number, ${event.kind}, ${event.payloadHash}, ${event.id}::uuid, now()
      from enterprise
      where active
      on conflict (enterprise_number, event_type, payload_hash) do update
      set event_id = case
            when event_keys.received_at < now() - ${REPEAT_WINDOW}::interval then excluded.event_id
            else event_keys.event_id
          end,
          received_at = case
            when event_keys.received_at < now() - ${REPEAT_WINDOW}::interval then excluded.received_at
            else event_keys.received_at
          end
      returning enterprise_number, event_id
    ),
    event as (
      insert into call_events (id, enterprise_number, event_type, unique_id, payload, raw, received_at)
      select event_id, enterprise_number, ${event.kind}, ${event.uniqueId}, ${db.json(event.payload)},
        ${event.raw}, now()
      from key
      where event_id = ${event.id}::uuid
      on conflict (id) do nothing
    )
    select number, active, (select event_id from key) as event_id
    from enterprise`;
  return row && Stored.parse(row);
}

/** Keeps what a box sent and we could not read. Nothing comes back, and nothing is kept, for an unknown token. */
export async function storeRejection(
  db: Db,
  rejection: { token: string; kind: string; reason: string; body: string },
): Promise<z.output<typeof Owner> | undefined> {
  const [row] = await db`
    with enterprise as (
      ${findEnterprise(db, rejection.token)}
    ),
    kept as (
      insert into rejected_events (enterprise_number, event_type, reason, body)
      select number, ${rejection.kind}, ${rejection.reason}, ${rejection.body}
      from enterprise
    )
    select number, active
    from enterprise`;
  return row && Owner.parse(row);
}

function findEnterprise(db: Db, token: string) {
  return db`
    select number, active
    from enterprises
    where token = ${token}
      or name2 = ${token}
      or (previous_token = ${token} and previous_token_until > now())
    order by token = ${token} desc
    limit 1`;
}
