import * as z from 'zod';

import type { Db, Pool } from '../db.ts';

const Manager = z.object({
  id: z.string(),
  name: z.string(),
  extension: z.string().nullable(),
  isAdmin: z.boolean(),
  status: z.enum(['online', 'offline', 'paused']),
  maxActiveChats: z.number(),
  shiftStartedAt: z.date().nullable(),
  openChats: z.coerce.number(),
});
export type Manager = z.output<typeof Manager>;

function columns(db: Db) {
  return db`
    managers.telegram_id as id, managers.name, managers.extension, managers.is_admin, managers.status,
    managers.max_active_chats, managers.shift_started_at,
    (
      select count(*)
      from support_chat_managers
      join support_chats on support_chats.id = support_chat_managers.chat_id
      where support_chat_managers.manager_id = managers.telegram_id
        and support_chat_managers.left_at is null
        and support_chats.state = 'active'
    ) as open_chats`;
}

export async function findManager(db: Db, id: string): Promise<Manager | undefined> {
  const [row] = await db`
    select ${columns(db)}
    from managers
    where telegram_id = ${id} and removed_at is null`;
  return row && Manager.parse(row);
}

/** On shift first, then by name. */
export async function listManagers(db: Db): Promise<Manager[]> {
  const rows = await db`
    select ${columns(db)}
    from managers
    where removed_at is null
    order by status <> 'online', name, telegram_id`;
  return Manager.array().parse([...rows]);
}

export type NewManager = {
  id: string;
  name: string;
  isAdmin?: boolean | undefined;
  extension?: string | null | undefined;
  maxActiveChats?: number | undefined;
};

/** Adds somebody, or brings back who was removed. Returns false when he is there already. */
export async function addManager(db: Db, manager: NewManager): Promise<boolean> {
  const { id, name, isAdmin = false, extension = null, maxActiveChats = 5 } = manager;
  const { count } = await db`
    insert into managers (telegram_id, name, is_admin, extension, max_active_chats)
    values (${id}, ${name}, ${isAdmin}, ${extension}, ${maxActiveChats})
    on conflict (telegram_id) do update
    set name = excluded.name, is_admin = excluded.is_admin, extension = excluded.extension,
        max_active_chats = excluded.max_active_chats, status = 'offline', removed_at = null, updated_at = now()
    where managers.removed_at is not null`;
  return count > 0;
}

export type ManagerPatch = {
  name?: string | undefined;
  extension?: string | null | undefined;
  isAdmin?: boolean | undefined;
  maxActiveChats?: number | undefined;
};

export async function patchManager(db: Db, id: string, patch: ManagerPatch): Promise<boolean> {
  const { name, extension, isAdmin, maxActiveChats } = patch;
  const { count } = await db`
    update managers
    set name = coalesce(${name ?? null}, name),
        extension = case when ${extension !== undefined} then ${extension ?? null} else extension end,
        is_admin = coalesce(${isAdmin ?? null}, is_admin),
        max_active_chats = coalesce(${maxActiveChats ?? null}, max_active_chats),
        updated_at = now()
    where telegram_id = ${id} and removed_at is null`;
  return count > 0;
}

/** Begins a shift. Returns false when he is on one already, or may not be. */
export async function startShift(db: Db, id: string): Promise<boolean> {
  const { count } = await db`
    with begun as (
      update managers
      set status = 'online', shift_started_at = now(), updated_at = now()
      where telegram_id = ${id} and status = 'offline' and removed_at is null
      returning telegram_id
    )
    insert into manager_shifts (manager_id)
    select telegram_id
    from begun
    on conflict do nothing`;
  return count > 0;
}

/** Ends the shift, if there is one. A paused manager gets no chats until somebody lets him. */
export async function endShift(db: Db, id: string, status: 'offline' | 'paused'): Promise<void> {
  await db`
    with ended as (
      update manager_shifts
      set ended_at = now()
      where manager_id = ${id} and ended_at is null
    )
    update managers
    set status = ${status}, shift_started_at = null, updated_at = now()
    where telegram_id = ${id}`;
}

export async function resumeManager(db: Db, id: string): Promise<void> {
  await db`
    update managers
    set status = 'offline', updated_at = now()
    where telegram_id = ${id} and status = 'paused'`;
}

export async function removeManager(db: Db, id: string): Promise<void> {
  await db`
    update managers
    set removed_at = now(), updated_at = now()
    where telegram_id = ${id}`;
}

const State = z.object({
  chatId: z.uuid().nullable(),
  awaits: z.object({ kind: z.literal('new_manager') }).nullable(),
});

/** Reply mode, and a question of the bot that waits for text. */
export async function loadState(db: Db, id: string): Promise<z.output<typeof State>> {
  const [row] = await db`
    select chat_id, awaits
    from manager_states
    where manager_id = ${id}`;
  return row ? State.parse(row) : { chatId: null, awaits: null };
}

export async function setState(
  db: Pool,
  id: string,
  { chatId, awaits }: z.output<typeof State>,
): Promise<void> {
  await db`
    insert into manager_states (manager_id, chat_id, awaits)
    values (${id}, ${chatId}, ${awaits && db.json(awaits)})
    on conflict (manager_id) do update
    set chat_id = excluded.chat_id, awaits = excluded.awaits, updated_at = now()`;
}

const Figures = z.object({
  accepted: z.coerce.number(),
  closed: z.coerce.number(),
  seconds: z.coerce.number().nullable(),
  rating: z.coerce.number().nullable(),
});

/** A manager's own day. */
export async function loadOwnFigures(db: Db, id: string, timezone: string) {
  const [row] = await db`
    select
      count(*) as accepted,
      count(*) filter (where support_chats.state = 'closed') as closed,
      avg(extract(epoch from accepted_at - requested_at)) as seconds,
      avg(rating) as rating
    from support_chat_managers
    join support_chats on support_chats.id = support_chat_managers.chat_id
    where support_chat_managers.manager_id = ${id}
      and support_chat_managers.joined_at >= date_trunc('day', now(), ${timezone})`;
  return Figures.parse(row);
}
