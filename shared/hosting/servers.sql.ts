import type { JSONValue } from 'postgres';
import * as z from 'zod';

import type { Db } from '../db.ts';
import { PAYMENT_PERIODS, STATUSES } from './hosting.ts';

const Money = z.coerce.number();

export const HostingServer = z.object({
  id: z.number(),
  projectId: z.number().nullable(),
  projectName: z.string().nullable(),
  clientName: z.string().nullable(),
  clientCompany: z.string().nullable(),
  clientTelegramId: z.coerce.number().nullable(),
  serverName: z.string(),
  configuration: z.string().nullable(),
  ipAddress: z.string().nullable(),
  costPrice: Money.nullable(),
  clientPrice: Money.nullable(),
  serviceFee: Money,
  startDate: z.string().nullable(),
  nextPaymentDate: z.string().nullable(),
  paymentPeriod: z.enum(PAYMENT_PERIODS),
  status: z.enum(STATUSES),
  timewebId: z.coerce.number().nullable(),
  timewebStatus: z.string().nullable(),
  timewebPresetId: z.number().nullable(),
  timewebData: z.record(z.string(), z.unknown()).nullable(),
  autoSync: z.boolean(),
  lastSyncAt: z.date().nullable(),
  missingSince: z.date().nullable(),
  notes: z.string().nullable(),
  deletedAt: z.date().nullable(),
  createdAt: z.date(),
  updatedAt: z.date(),
});
export type HostingServer = z.output<typeof HostingServer>;

/** What a person may set. */
export type ServerValues = Partial<
  Omit<
    HostingServer,
    | 'id'
    | 'projectName'
    | 'timewebData'
    | 'lastSyncAt'
    | 'missingSince'
    | 'deletedAt'
    | 'createdAt'
    | 'updatedAt'
  >
>;

export type ServerFilters = {
  q?: string | undefined;
  status?: HostingServer['status'] | undefined;
  projectId?: number | undefined;
  client?: string | undefined;
  missing?: boolean | undefined;
};
export type ServerPlace = { name: string; id: number };

/** By name. Those taken off the page are not among them. */
export async function listServers(
  db: Db,
  { filters, after, limit }: { filters: ServerFilters; after?: ServerPlace; limit: number },
): Promise<HostingServer[]> {
  const { q, status, projectId, client, missing } = filters;
  const pattern = q && `%${q.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const rows = await db`
    select ${columns(db)}
    from hosting_servers as server
    left join hosting_projects as project on project.id = server.project_id
    where server.deleted_at is null
      ${status ? db`and server.status = ${status}` : db``}
      ${projectId === undefined ? db`` : db`and server.project_id = ${projectId}`}
      ${client ? db`and server.client_name = ${client}` : db``}
      ${missing === undefined ? db`` : db`and (server.missing_since is not null) = ${missing}`}
      ${
        pattern
          ? db`and (server.server_name ilike ${pattern} or server.client_name ilike ${pattern}
              or server.client_company ilike ${pattern} or server.ip_address ilike ${pattern})`
          : db``
      }
      ${after ? db`and (lower(server.server_name), server.id) > (lower(${after.name}), ${after.id})` : db``}
    order by lower(server.server_name), server.id
    limit ${limit}`;
  return HostingServer.array().parse([...rows]);
}

export async function findServer(
  db: Db,
  id: number,
  { lock = false } = {},
): Promise<HostingServer | undefined> {
  const [row] = await db`
    select ${columns(db)}
    from hosting_servers as server
    left join hosting_projects as project on project.id = server.project_id
    where server.id = ${id}
      and server.deleted_at is null
    ${lock ? db`for update of server` : db``}`;
  return row && HostingServer.parse(row);
}

/** Every server that Timeweb has or had, those taken off the page too; they stay locked. */
export async function lockTimewebServers(tx: Db, timewebId?: number): Promise<HostingServer[]> {
  const rows = await tx`
    select ${columns(tx)}
    from hosting_servers as server
    left join hosting_projects as project on project.id = server.project_id
    where server.timeweb_id is not null
      ${timewebId === undefined ? tx`` : tx`and server.timeweb_id = ${timewebId}`}
    order by server.id
    for update of server`;
  return HostingServer.array().parse([...rows]);
}

export async function listTimewebIds(db: Db): Promise<Set<number>> {
  const rows = await db`
    select timeweb_id
    from hosting_servers
    where timeweb_id is not null
      and deleted_at is null`;
  return new Set(rows.map((row) => z.coerce.number().parse(row['timewebId'])));
}

export async function insertServer(db: Db, values: ServerValues): Promise<number> {
  const [row] = await db`insert into hosting_servers ${db(values)} returning id`;
  return z.object({ id: z.number() }).parse(row).id;
}

export async function updateServer(db: Db, id: number, values: ServerValues): Promise<void> {
  await db`
    update hosting_servers
    set ${db(values)}, updated_at = now()
    where id = ${id}`;
}

export async function deleteServer(db: Db, id: number): Promise<void> {
  await db`
    update hosting_servers
    set deleted_at = now(), updated_at = now()
    where id = ${id}`;
}

/** What a sync writes of one server. What people set by hand is not among it. */
export type SyncedValues = {
  serverName: string;
  configuration: string | null;
  ipAddress: string | null;
  costPrice: number | null;
  status: HostingServer['status'];
  timewebStatus: string | null;
  timewebPresetId: number | null;
  timewebData: object;
  missingSince: Date | null;
};

/** All in one statement, and the servers that an import brings back with it. */
export async function updateSynced(
  tx: Db,
  servers: (SyncedValues & { id: number })[],
  at: Date,
): Promise<void> {
  if (servers.length === 0) return;
  await tx`
    update hosting_servers as server
    set server_name = fresh."serverName", configuration = fresh.configuration, ip_address = fresh."ipAddress",
        cost_price = fresh."costPrice", status = fresh.status, timeweb_status = fresh."timewebStatus",
        timeweb_preset_id = fresh."timewebPresetId", timeweb_data = fresh."timewebData",
        missing_since = fresh."missingSince", deleted_at = null, last_sync_at = ${at}, updated_at = now()
    from jsonb_to_recordset(${tx.json(toJson(servers))}) as fresh (
      id integer, "serverName" text, configuration text, "ipAddress" text, "costPrice" numeric, status text,
      "timewebStatus" text, "timewebPresetId" integer, "timewebData" jsonb, "missingSince" timestamptz
    )
    where server.id = fresh.id`;
}

export type NewTimewebServer = SyncedValues & { timewebId: number; startDate: string | null };

export async function insertSynced(
  tx: Db,
  servers: NewTimewebServer[],
  at: Date,
): Promise<{ id: number; timewebId: number }[]> {
  if (servers.length === 0) return [];
  const rows = await tx`
    insert into hosting_servers (server_name, configuration, ip_address, cost_price, status, timeweb_status,
      timeweb_preset_id, timeweb_data, timeweb_id, start_date, last_sync_at)
    select "serverName", configuration, "ipAddress", "costPrice", status, "timewebStatus",
      "timewebPresetId", "timewebData", "timewebId", "startDate", ${at}
    from jsonb_to_recordset(${tx.json(toJson(servers))}) as fresh (
      "serverName" text, configuration text, "ipAddress" text, "costPrice" numeric, status text,
      "timewebStatus" text, "timewebPresetId" integer, "timewebData" jsonb, "timewebId" bigint, "startDate" date
    )
    returning id, timeweb_id`;
  return z.array(z.object({ id: z.number(), timewebId: z.coerce.number() })).parse([...rows]);
}

/** The servers stay as they are; they are only known to be gone upstream. */
export async function markMissing(tx: Db, ids: number[], at: Date): Promise<void> {
  if (ids.length === 0) return;
  await tx`
    update hosting_servers
    set missing_since = ${at}, last_sync_at = ${at}, updated_at = now()
    where id = any(${ids})
      and missing_since is null`;
}

const Followed = z.object({ id: z.number(), oldStatus: z.string(), newStatus: z.string() });

/** A server whose payment date has passed is overdue, until it is paid. Others' statuses stay. */
export async function followPayments(
  db: Db,
  today: string,
  id?: number,
): Promise<z.output<typeof Followed>[]> {
  const rows = await db`
    with due as (
      select id, status as old_status,
        case when next_payment_date < ${today}::date then 'overdue' else 'active' end as new_status
      from hosting_servers
      where deleted_at is null
        and status in ('active', 'overdue')
        ${id === undefined ? db`` : db`and id = ${id}`}
      for update
    )
    update hosting_servers as server
    set status = due.new_status, updated_at = now()
    from due
    where server.id = due.id
      and server.status <> due.new_status
    returning server.id, due.old_status, due.new_status`;
  return Followed.array().parse([...rows]);
}

function columns(db: Db) {
  return db`
    server.id, server.project_id, project.name as project_name, server.client_name, server.client_company,
    server.client_telegram_id, server.server_name, server.configuration, server.ip_address, server.cost_price,
    server.client_price, server.service_fee, server.start_date::text as start_date,
    server.next_payment_date::text as next_payment_date, server.payment_period, server.status, server.timeweb_id,
    server.timeweb_status, server.timeweb_preset_id, server.timeweb_data, server.auto_sync, server.last_sync_at,
    server.missing_since, server.notes, server.deleted_at, server.created_at, server.updated_at`;
}

const toJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as JSONValue;
