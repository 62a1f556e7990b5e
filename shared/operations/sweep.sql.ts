import * as z from 'zod';

import type { Db } from '../db.ts';
import type { QueuedDelivery } from '../deliveries/messages.ts';
import { isBlocked, queuedColumns } from '../deliveries/order.sql.ts';
import { Queued } from '../deliveries/owing.sql.ts';
import type { ShownCall } from '../telegram/messages.ts';

const AT_ONCE = 1000;

/** Accepted events that nobody has worked in: a minute after their arrival, then after 2, 4 … minutes, at most hourly. */
export async function takeWaitingEvents(
  db: Db,
): Promise<{ eventId: string; enterpriseNumber: string }[]> {
  const rows = await db`
    update call_events
    set sweeps = sweeps + 1
    where id in (
      select id
      from call_events
      where processed_at is null
        and failed_at is null
        and received_at < now() - case
          when sweeps < 6 then interval '1 minute' * power(2, sweeps)
          else interval '1 hour' * (sweeps - 5)
        end
      order by received_at
      limit ${AT_ONCE}
    )
    returning id as event_id, enterprise_number`;
  return z
    .object({ eventId: z.string(), enterpriseNumber: z.string() })
    .array()
    .parse([...rows])
    .toSorted((a, b) => a.eventId.localeCompare(b.eventId));
}

/** The queue did not take these: that was no try, so the next one is not put off. */
export async function putBackEvents(db: Db, eventIds: string[]): Promise<void> {
  if (eventIds.length === 0) return;
  await db`
    update call_events
    set sweeps = greatest(sweeps - 1, 0)
    where id = any(${eventIds}::uuid[])`;
}

/**
 * Deliveries that are due and have no message on the queue (or one so old that it must be lost), the first of each
 * call (or chat) and integration; and those whose worker died while sending.
 */
export async function takeDueDeliveries(db: Db): Promise<QueuedDelivery[]> {
  const rows = await db`
    update deliveries
    set queued_at = now(), sends = sends + 1
    where id in (
      select id
      from deliveries
      where state in ('pending', 'retrying')
        and next_attempt_at <= now()
        and (queued_at is null or queued_at < now() - interval '2 minutes')
        and not ${isBlocked(db)}
      union all
      select id
      from deliveries
      where state = 'sending'
        and leased_until < now()
        and (queued_at is null or queued_at < now() - interval '30 seconds')
      limit ${AT_ONCE}
    )
    returning ${queuedColumns(db)}`;
  return Queued.array()
    .parse([...rows])
    .toSorted((a, b) => Number(a.id) - Number(b.id));
}

/** Calls that changed over a minute ago and that Telegram does not show as they are. After a day nobody cares. */
export async function listCallsBehind(db: Db): Promise<ShownCall[]> {
  const rows = await db`
    select calls.id as call_id, calls.version, enterprises.chat_id
    from calls
    join enterprises on enterprises.number = calls.enterprise_number
    where calls.telegram_version < calls.version
      and calls.updated_at < now() - interval '1 minute'
      and calls.updated_at > now() - interval '1 day'
      and enterprises.chat_id is not null
      and enterprises.bot_token is not null
    order by calls.updated_at
    limit ${AT_ONCE}`;
  return z
    .object({ callId: z.string(), version: z.number(), chatId: z.string() })
    .array()
    .parse([...rows]);
}
