import * as z from 'zod';

import type { Db } from '../db.ts';

/** Which stored events to work in again. */
export type EventChoice = {
  since: Date;
  until: Date;
  enterpriseNumber: string | undefined;
  /** failed: given up; waiting: neither done nor given up; processed: done already. */
  states: readonly ('failed' | 'waiting' | 'processed')[];
};

function chosen(db: Db, { since, until, enterpriseNumber, states }: EventChoice) {
  return db`
    id >= uuid_v7_floor(${since}) and id < uuid_v7_floor(${until})
    ${enterpriseNumber === undefined ? db`` : db`and enterprise_number = ${enterpriseNumber}`}
    and case
      when failed_at is not null then 'failed'
      when processed_at is null then 'waiting'
      else 'processed'
    end = any(${[...states]}::text[])`;
}

export async function countChosen(db: Db, choice: EventChoice): Promise<number> {
  const [row] = await db`
    select count(*)::int as events from call_events where ${chosen(db, choice)}`;
  return z.object({ events: z.number() }).parse(row).events;
}

/** Makes the next of the chosen events new again: the tracker takes them as it took them the first time. */
export async function reopenEvents(
  db: Db,
  choice: EventChoice,
  afterId: string,
  limit: number,
): Promise<{ eventId: string; enterpriseNumber: string }[]> {
  const rows = await db`
    update call_events
    set attempts = 0, sweeps = 0, processed_at = null, failed_at = null, last_error = null
    where id in (
      select id
      from call_events
      where ${chosen(db, choice)} and id > ${afterId}
      order by id
      limit ${limit}
    )
    returning id as event_id, enterprise_number`;
  return z
    .object({ eventId: z.string(), enterpriseNumber: z.string() })
    .array()
    .parse([...rows])
    .toSorted((a, b) => a.eventId.localeCompare(b.eventId));
}
