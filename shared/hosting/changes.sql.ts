import * as z from 'zod';

import type { Db } from '../db.ts';

export type NewChange = {
  serverId: number;
  field: string;
  oldValue: string | null;
  newValue: string | null;
  source: 'sync' | 'payments' | 'admin';
  /** Whether the operators are to be told. */
  toTell: boolean;
};

export async function insertChanges(db: Db, changes: NewChange[]): Promise<void> {
  if (changes.length === 0) return;
  await db`insert into hosting_changes ${db(changes)}`;
}

const Change = z.object({
  id: z.coerce.number(),
  field: z.string(),
  oldValue: z.string().nullable(),
  newValue: z.string().nullable(),
  source: z.enum(['sync', 'payments', 'admin']),
  changedAt: z.date(),
});

/** Newest first. */
export async function listChanges(
  db: Db,
  serverId: number,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<z.output<typeof Change>[]> {
  const rows = await db`
    select id, field, old_value, new_value, source, changed_at
    from hosting_changes
    where server_id = ${serverId}
      ${before === undefined ? db`` : db`and id < ${before}`}
    order by id desc
    limit ${limit}`;
  return Change.array().parse([...rows]);
}

const Untold = z.object({
  id: z.coerce.number(),
  serverId: z.number(),
  serverName: z.string(),
  field: z.string(),
  oldValue: z.string().nullable(),
  newValue: z.string().nullable(),
});
export type Untold = z.output<typeof Untold>;

/** What the operators are to be told of, for whoever gets it to tell: nobody else will. */
export async function takeUntold(db: Db): Promise<Untold[]> {
  const rows = await db`
    with taken as (
      select id
      from hosting_changes
      where to_tell
        and told_at is null
      order by id
      for update skip locked
    )
    update hosting_changes as change
    set told_at = now()
    from taken, hosting_servers as server
    where change.id = taken.id
      and server.id = change.server_id
    returning change.id, change.server_id, server.server_name, change.field, change.old_value, change.new_value`;
  return Untold.array()
    .parse([...rows])
    .toSorted((one, other) => one.id - other.id);
}

/** The message could not be sent: the next run tells. */
export async function putBackUntold(db: Db, ids: number[]): Promise<void> {
  await db`
    update hosting_changes
    set told_at = null
    where id = any(${ids}::bigint[])`;
}

/** False when the operators were told today. */
export async function noteBalanceAlert(
  db: Db,
  { day, balance, daysLeft }: { day: string; balance: number; daysLeft: number },
): Promise<boolean> {
  const rows = await db`
    insert into hosting_balance_alerts (day, balance, days_left)
    values (${day}, ${balance}, ${daysLeft})
    on conflict do nothing
    returning 1`;
  return rows.length > 0;
}

export async function forgetBalanceAlert(db: Db, day: string): Promise<void> {
  await db`
    delete from hosting_balance_alerts
    where day = ${day}`;
}
