import type { Db, Transaction } from '../db.ts';

/**
 * One log row for each delivery that ends, or is parked, without an attempt: it says why. The second half of a
 * statement that begins with `with ended as (update deliveries … returning deliveries.*)`.
 */
export function logUnsent(db: Db) {
  return db`
    insert into integration_logs (enterprise_number, integration_type, event_type, call_unique_id, phone_number,
      internal_extension, status, error_message, delivery_id, attempt)
    select
      ended.enterprise_number, ended.integration_type, ended.step, calls.main_unique_id,
      coalesce(calls.phone, chat_sessions.phone),
      coalesce(calls.last_talked_by, ended.extensions[1]),
      case when ended.state = 'parked' then 'pending' else 'success' end, ended.reason, ended.id, ended.attempts
    from ended
    left join calls on calls.id = ended.call_id
    left join support_chats on support_chats.id = ended.chat_id
    left join chat_sessions on chat_sessions.id = support_chats.session_id`;
}

/** What was parked goes on, or is over: its log row says `pending` no longer. `which` is a condition on deliveries. */
export async function closeParked(tx: Transaction, which: ReturnType<Db>): Promise<void> {
  await tx`
    update integration_logs
    set status = 'success', updated_at = now()
    where status = 'pending'
      and error_message is not null
      and delivery_id in (
        select id
        from deliveries
        where state = 'parked'
          and ${which}
      )`;
}
