import type { Db } from '../db.ts';

/**
 * Of several recordings of a call (`calls`, of the query around it) the main channel's is the one that is meant, else
 * the longest. To be joined laterally.
 */
export function bestRecordingOf(db: Db) {
  return db`
    select best.id, best.key, best.content_type, best.state, best.revoked_at, best.deleted_at
    from recordings as best
    where best.call_id = calls.id
      and best.state = 'stored'
      and best.revoked_at is null
    order by best.unique_id = calls.main_unique_id desc, best.duration_seconds desc nulls last, best.id
    limit 1`;
}
