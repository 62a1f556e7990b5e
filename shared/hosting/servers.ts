import * as z from 'zod';

import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Pool, Transaction } from '../db.ts';
import { AppError } from '../errors.ts';
import { insertChanges, listChanges } from './changes.sql.ts';
import { dayOf, marginOf, monthsOf, revenueOf, roundMoney } from './hosting.ts';
import { listProjects } from './payments.sql.ts';
import { findLastRun, type Run } from './runs.sql.ts';
import type { listServers, NewServer, Server, ServerPatch } from './servers.schema.ts';
import * as sql from './servers.sql.ts';
import { toChange } from './sync.ts';

type Dependencies = { db: Pool; clock?: () => Date };
type ListQuery = z.output<(typeof listServers)['query']>;

const ServerPlace = z.object({ name: z.string(), id: z.int() });
const ChangePlace = z.int().positive();

/** The servers as they are stored, and what people do with them. @throws AppError 404, 422 */
export function createServers({ db, clock = () => new Date() }: Dependencies) {
  return {
    async list({ cursor, limit, project_id: projectId, ...rest }: ListQuery) {
      const filters = { ...rest, projectId };
      const scope = ['hosting servers', filters];
      const after = cursor ? { after: decodeCursor(ServerPlace, cursor, scope) } : {};
      const [rows, lastRun] = await Promise.all([
        sql.listServers(db, { filters, ...after, limit: limit + 1 }),
        findLastRun(db),
      ]);
      const page = rows.slice(0, limit);
      const last = rows.length > limit ? page.at(-1) : undefined;
      return {
        items: page.map(toServer),
        next_cursor: last ? encodeCursor({ name: last.serverName, id: last.id }, scope) : null,
        last_sync: lastRun ? toLastSync(lastRun) : null,
      };
    },

    get: async (id: number) => toServer(await find(db, id)),

    create: (body: NewServer) =>
      db.begin(async (tx) => {
        await refuseUnknownProject(tx, body.project_id);
        const id = await sql.insertServer(tx, { ...toValues(body), autoSync: false });
        return afterwards(tx, id);
      }),

    change: (id: number, body: ServerPatch) =>
      db.begin(async (tx) => {
        const before = await find(tx, id, { lock: true });
        if (body.auto_sync && before.timewebId === null) {
          throw refused('auto_sync', 'сервер добавлен вручную, в Timeweb его нет');
        }
        await refuseUnknownProject(tx, body.project_id);
        const values = toValues(body);
        if (Object.keys(values).length === 0) return toServer(before);
        await sql.updateServer(tx, id, values);
        await insertChanges(tx, historyOf(before, values));
        return afterwards(tx, id);
      }),

    async delete(id: number): Promise<void> {
      await db.begin(async (tx) => {
        await find(tx, id, { lock: true });
        await sql.deleteServer(tx, id);
      });
    },

    async listChanges(
      id: number,
      { cursor, limit }: { cursor?: string | undefined; limit: number },
    ) {
      await find(db, id);
      const scope = ['hosting changes', id];
      const before = cursor ? decodeCursor(ChangePlace, cursor, scope) : undefined;
      const rows = await listChanges(db, id, { before, limit: limit + 1 });
      const page = rows.slice(0, limit);
      const last = rows.length > limit ? page.at(-1) : undefined;
      return {
        items: page.map(({ oldValue, newValue, changedAt, ...change }) => ({
          ...change,
          old: oldValue,
          new: newValue,
          changed_at: changedAt.toISOString(),
        })),
        next_cursor: last ? encodeCursor(last.id, scope) : null,
      };
    },
  };

  /** With the status that follows from the payment date. */
  async function afterwards(tx: Transaction, id: number): Promise<Server> {
    const followed = await sql.followPayments(tx, dayOf(clock()), id);
    await insertChanges(
      tx,
      followed.map(({ oldStatus, newStatus }) =>
        toChange(id, { field: 'status', old: oldStatus, new: newStatus }, 'admin'),
      ),
    );
    return toServer(await find(tx, id));
  }
}

async function find(
  db: Pool | Transaction,
  id: number,
  options: { lock?: boolean } = {},
): Promise<sql.HostingServer> {
  const server = await sql.findServer(db, id, options);
  if (!server) throw new AppError('not_found', 'Сервер не найден');
  return server;
}

async function refuseUnknownProject(tx: Transaction, id: number | null | undefined): Promise<void> {
  if (id === null || id === undefined) return;
  const [project] = await listProjects(tx, id);
  if (!project) throw refused('project_id', 'такого проекта нет');
}

const refused = (path: string, message: string): AppError =>
  new AppError('unprocessable', `${path}: ${message}`, { errors: [{ path, message }] });

/** Only what was sent. */
function toValues(body: ServerPatch): sql.ServerValues {
  const values: Partial<Record<keyof sql.ServerValues, unknown>> = {
    projectId: body.project_id,
    clientName: body.client_name,
    clientCompany: body.client_company,
    clientTelegramId: body.client_telegram_id,
    serverName: body.server_name,
    configuration: body.configuration,
    ipAddress: body.ip_address,
    costPrice: body.cost_price,
    clientPrice: body.client_price,
    serviceFee: body.service_fee,
    startDate: body.start_date,
    nextPaymentDate: body.next_payment_date,
    paymentPeriod: body.payment_period,
    status: body.status,
    autoSync: body.auto_sync,
    notes: body.notes,
  };
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as sql.ServerValues;
}

const KEPT = {
  costPrice: 'cost_price',
  clientPrice: 'client_price',
  serviceFee: 'service_fee',
  configuration: 'configuration',
  ipAddress: 'ip_address',
  status: 'status',
} as const;

function historyOf(before: sql.HostingServer, values: sql.ServerValues) {
  return Object.entries(KEPT).flatMap(([name, field]) => {
    const key = name as keyof typeof KEPT;
    const after = values[key];
    if (after === undefined || after === before[key]) return [];
    const change = { field, old: toText(before[key]), new: toText(after) };
    return [toChange(before.id, change, 'admin')];
  });
}

const toText = (value: string | number | null): string | null =>
  typeof value === 'number' ? value.toFixed(2) : value;

export function toServer(row: sql.HostingServer): Server {
  const revenue = revenueOf(row);
  return {
    id: row.id,
    project_id: row.projectId,
    project_name: row.projectName,
    client_name: row.clientName,
    client_company: row.clientCompany,
    client_telegram_id: row.clientTelegramId,
    server_name: row.serverName,
    configuration: row.configuration,
    ip_address: row.ipAddress,
    cost_price: row.costPrice,
    client_price: row.clientPrice,
    service_fee: row.serviceFee,
    margin: marginOf(row),
    start_date: row.startDate,
    next_payment_date: row.nextPaymentDate,
    payment_period: row.paymentPeriod,
    payment_amount: revenue === null ? null : roundMoney(revenue * monthsOf(row.paymentPeriod)),
    status: row.status,
    timeweb_id: row.timewebId,
    timeweb_status: row.timewebStatus,
    timeweb_preset_id: row.timewebPresetId,
    timeweb_data: row.timewebData,
    auto_sync: row.autoSync,
    last_sync_at: row.lastSyncAt?.toISOString() ?? null,
    missing_since: row.missingSince?.toISOString() ?? null,
    notes: row.notes,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

function toLastSync({ kind, startedAt, finishedAt, result, error, counts }: Run) {
  return {
    kind,
    started_at: startedAt.toISOString(),
    finished_at: finishedAt?.toISOString() ?? null,
    result,
    error,
    synced: counts?.['synced'] ?? null,
    created: counts?.['created'] ?? null,
    changed: counts?.['changed'] ?? null,
    missing: counts?.['missing'] ?? null,
  };
}
