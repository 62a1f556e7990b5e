import type { Db } from '../db.ts';

/** Whether an earlier step of the same call or chat and integration is not finished: a condition on `deliveries`. */
export function isBlocked(db: Db) {
  const unfinished = db`
    earlier.integration_type = deliveries.integration_type
      and earlier.id < deliveries.id
      and earlier.state in ('pending', 'sending', 'retrying', 'parked')`;
  // Two conditions, not one with "or": each is answered by an index of its own.
  return db`
    (
      exists (
        select from deliveries as earlier
        where earlier.call_id = deliveries.call_id
          and ${unfinished}
      )
      or deliveries.chat_id is not null and exists (
        select from deliveries as earlier
        where earlier.chat_id = deliveries.chat_id
          and ${unfinished}
      )
    )`;
}

/** The columns of `Queued`. */
export function queuedColumns(db: Db) {
  return db`
    deliveries.id, deliveries.enterprise_number, deliveries.integration_type,
    coalesce(deliveries.call_id, deliveries.chat_id) as owed_by, deliveries.attempts, deliveries.sends`;
}
