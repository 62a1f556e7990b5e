import * as z from 'zod';

import type { Db } from '../db.ts';

const Totals = z.object({
  sessions: z.coerce.number(),
  chats: z.coerce.number(),
  offlineRequests: z.coerce.number(),
  accepted: z.coerce.number(),
  closed: z.coerce.number(),
  acceptSeconds: z.coerce.number().nullable(),
  firstAnswerSeconds: z.coerce.number().nullable(),
  /** Of the sessions in which the visitor said anything, those that never asked for a human. */
  aiResolvedShare: z.coerce.number().nullable(),
  rating: z.coerce.number().nullable(),
  ratings: z.coerce.number(),
});
const Day = z.object({
  day: z.string(),
  sessions: z.coerce.number(),
  chats: z.coerce.number(),
  accepted: z.coerce.number(),
});
const OfManager = z.object({
  id: z.string(),
  name: z.string(),
  accepted: z.coerce.number(),
  acceptSeconds: z.coerce.number().nullable(),
  firstAnswerSeconds: z.coerce.number().nullable(),
  rating: z.coerce.number().nullable(),
  ratings: z.coerce.number(),
  shiftHours: z.coerce.number(),
});
export type ChatTotals = z.output<typeof Totals>;
export type ChatDay = z.output<typeof Day>;
export type ManagerFigures = z.output<typeof OfManager>;

type Range = { from: Date; to: Date };

export async function loadTotals(db: Db, { from, to }: Range): Promise<ChatTotals> {
  const [row] = await db`
    with begun as (
      select id,
        exists (select from chat_messages where session_id = chat_sessions.id and sender = 'user') as has_said,
        exists (select from support_chats where session_id = chat_sessions.id) as has_asked
      from chat_sessions
      where created_at >= ${from} and created_at < ${to}
    ), asked as (
      select * from support_chats where requested_at >= ${from} and requested_at < ${to}
    )
    select
      (select count(*) from begun) as sessions,
      (select count(*) filter (where not has_asked)::float8 / nullif(count(*), 0) from begun where has_said)
        as ai_resolved_share,
      count(*) as chats,
      count(*) filter (where kind = 'offline') as offline_requests,
      count(accepted_at) as accepted,
      count(closed_at) as closed,
      avg(extract(epoch from accepted_at - requested_at)) filter (where kind = 'live') as accept_seconds,
      avg(extract(epoch from first_answer_at - requested_at)) filter (where kind = 'live') as first_answer_seconds,
      avg(rating) as rating,
      count(rating) as ratings
    from asked`;
  return Totals.parse(row);
}

export async function listDays(db: Db, { from, to }: Range, timezone: string): Promise<ChatDay[]> {
  const rows = await db`
    with days as (
      select generate_series(
        (${from}::timestamptz at time zone ${timezone})::date,
        ((${to}::timestamptz - interval '1 microsecond') at time zone ${timezone})::date,
        interval '1 day'
      )::date as day
    ), begun as (
      select (created_at at time zone ${timezone})::date as day, count(*) as sessions
      from chat_sessions
      where created_at >= ${from} and created_at < ${to}
      group by 1
    ), asked as (
      select (requested_at at time zone ${timezone})::date as day, count(*) as chats, count(accepted_at) as accepted
      from support_chats
      where requested_at >= ${from} and requested_at < ${to}
      group by 1
    )
    select to_char(days.day, 'YYYY-MM-DD') as day, coalesce(sessions, 0) as sessions, coalesce(chats, 0) as chats,
      coalesce(accepted, 0) as accepted
    from days
    left join begun using (day)
    left join asked using (day)
    order by days.day`;
  return Day.array().parse([...rows]);
}

export async function listManagerFigures(db: Db, { from, to }: Range): Promise<ManagerFigures[]> {
  const rows = await db`
    with shifts as (
      select manager_id,
        sum(extract(epoch from least(coalesce(ended_at, now()), ${to}) - greatest(started_at, ${from}))) / 3600 as hours
      from manager_shifts
      where started_at < ${to} and coalesce(ended_at, now()) > ${from}
      group by manager_id
    )
    select managers.telegram_id as id, managers.name, count(support_chats.id) as accepted,
      avg(extract(epoch from support_chats.accepted_at - support_chats.requested_at))
        filter (where support_chats.kind = 'live') as accept_seconds,
      avg(extract(epoch from support_chats.first_answer_at - support_chats.requested_at))
        filter (where support_chats.kind = 'live') as first_answer_seconds,
      avg(support_chats.rating) as rating, count(support_chats.rating) as ratings,
      coalesce(max(shifts.hours), 0) as shift_hours
    from managers
    left join support_chat_managers as mine on mine.manager_id = managers.telegram_id and mine.role = 'owner'
    left join support_chats on support_chats.id = mine.chat_id
      and support_chats.accepted_at >= ${from} and support_chats.accepted_at < ${to}
    left join shifts on shifts.manager_id = managers.telegram_id
    group by managers.telegram_id
    having managers.removed_at is null or count(support_chats.id) > 0
    order by count(support_chats.id) desc, managers.name`;
  return OfManager.array().parse([...rows]);
}
