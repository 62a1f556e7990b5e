import type { Pool, Transaction } from '../db.ts';
import { AppError } from '../errors.ts';
import { report } from '../lambda/report.ts';
import type { Timeweb } from '../timeweb/client.ts';
import { TimewebFailure } from '../timeweb/failure.ts';
import type { TimewebServer } from '../timeweb/schema.ts';
import { insertChanges, type NewChange } from './changes.sql.ts';
import { dayOf } from './hosting.ts';
import { saveMonth } from './months.sql.ts';
import { type CostOf, planNew, planUpdate, pricing, TOLD } from './plan.ts';
import { finishRun, lockSyncs, type RunKind, startRun } from './runs.sql.ts';
import {
  findServer,
  followPayments,
  type HostingServer,
  insertSynced,
  lockTimewebServers,
  markMissing,
  updateSynced,
} from './servers.sql.ts';

export type SyncDependencies = {
  db: Pool;
  timeweb: Timeweb;
  /** Called after every run that went well. */
  tellChanges: () => Promise<unknown>;
  clock?: () => Date;
};

/** Figures of a run: servers read, new rows, rows that changed, ours that Timeweb has no more. */
export type SyncCounts = { synced: number; created: number; changed: number; missing: number };
export type ServerChange = { field: string; old: string | null; new: string | null };

type Upstream = { servers: TimewebServer[]; costOf: CostOf };
type Scope = {
  at: Date;
  /** Whether rows with `auto_sync` off are left alone. */
  autoOnly: boolean;
};
type Applied = SyncCounts & { changes: NewChange[] };

/**
 * Brings what we know of the servers up to date. Everything is asked first and written in one transaction then: a run
 * that fails has changed nothing. @throws TimewebFailure
 */
export function createSync({
  db,
  timeweb,
  tellChanges,
  clock = () => new Date(),
}: SyncDependencies) {
  return { syncAll, syncOne, importServers };

  /** All servers in as many requests as there are pages, and two more. */
  async function syncAll({
    kind,
    autoOnly,
  }: {
    kind: 'schedule' | 'admin';
    autoOnly: boolean;
  }): Promise<SyncCounts> {
    return run(kind, async (at, finish) => {
      const upstream = await readAll();
      return db.begin(async (tx) => {
        const { changes, ...counts } = await applyAll(tx, upstream, { at, autoOnly });
        await insertChanges(tx, changes);
        await keepBooks(tx);
        await finish(tx, counts);
        return counts;
      });
    });
  }

  /** One server, whatever its `auto_sync`. @throws AppError 404, 409 when Timeweb never had it */
  async function syncOne(id: number): Promise<ServerChange[]> {
    const known = await findServer(db, id);
    if (!known) throw new AppError('not_found', 'Сервер не найден');
    const { timewebId } = known;
    if (timewebId === null) {
      throw new AppError('conflict', 'Сервер добавлен вручную, в Timeweb его нет');
    }
    return run('server', async (at, finish) => {
      const [server, costOf] = await Promise.all([findUpstream(timewebId), readPrices()]);
      return db.begin(async (tx) => {
        await lockSyncs(tx);
        const stored = (await lockTimewebServers(tx, timewebId)).filter(isOnPage);
        const servers = server ? [server] : [];
        const applied = await applyTo(tx, { stored, upstream: { servers, costOf }, at });
        await insertChanges(tx, applied.changes);
        await keepBooks(tx);
        await finish(tx, { synced: servers.length, created: 0, ...applied.counts });
        return applied.changes.map(({ field, oldValue, newValue }) => ({
          field,
          old: oldValue,
          new: newValue,
        }));
      });
    });
  }

  /** Takes these servers of Timeweb in; those taken off the page before come back with what was known. */
  async function importServers(timewebIds: number[]) {
    return run('import', async (at, finish) => {
      const { servers, costOf } = await readAll();
      const upstream = new Map(servers.map((server) => [server.id, server]));
      return db.begin(async (tx) => {
        await lockSyncs(tx);
        const stored = await lockTimewebServers(tx);
        const onPage = new Set(stored.filter(isOnPage).map(({ timewebId }) => timewebId));
        const errors: { server_id: number; error: string }[] = [];
        const wanted = [...new Set(timewebIds)].flatMap((id) => {
          const server = upstream.get(id);
          if (server && !onPage.has(id)) return [server];
          const error = server ? 'Сервер уже импортирован' : 'Сервер не найден в Timeweb';
          errors.push({ server_id: id, error });
          return [];
        });
        const back = stored.filter(({ timewebId }) => wanted.some(({ id }) => id === timewebId));
        const revived = await applyTo(tx, {
          stored: back,
          upstream: { servers: wanted, costOf },
          at,
        });
        const created = await insertSynced(tx, newOnes(wanted, back, costOf), at);
        await insertChanges(tx, revived.changes);
        await keepBooks(tx);
        const rows = [...back, ...created];
        const imported = wanted.flatMap(({ id, name }) => {
          const row = rows.find(({ timewebId }) => timewebId === id);
          return row ? [{ server_id: id, crm_id: row.id, name: name || `Сервер ${id}` }] : [];
        });
        const counts = { synced: wanted.length, created: created.length, ...revived.counts };
        await finish(tx, counts);
        return { imported, errors };
      });
    });
  }

  type Finish = (tx: Transaction, counts: SyncCounts) => Promise<void>;

  /** Keeps the record of a run: its end stands in the transaction of what it did. */
  async function run<T>(kind: RunKind, work: (at: Date, finish: Finish) => Promise<T>): Promise<T> {
    const { id, startedAt } = await startRun(db, kind);
    let result: T;
    try {
      result = await work(startedAt, (tx, counts) => finishRun(tx, id, { counts }));
    } catch (error) {
      const sentence = error instanceof TimewebFailure ? error.message : 'Внутренняя ошибка';
      // The database may be what is broken: the run's own error is the one to be thrown.
      await finishRun(db, id, { error: sentence }).catch(() => {});
      throw error;
    }
    // What is written stays written, whoever could not be told.
    await tellChanges().catch((error: unknown) => report('operators could not be told', error));
    return result;
  }

  async function readAll(): Promise<Upstream> {
    const [servers, costOf] = await Promise.all([timeweb.getServers(), readPrices()]);
    return { servers, costOf };
  }

  async function readPrices(): Promise<CostOf> {
    const [costs, presets] = await Promise.all([timeweb.getServiceCosts(), timeweb.getPresets()]);
    return pricing(costs, presets);
  }

  /** Undefined when Timeweb says that there is no such server. */
  async function findUpstream(id: number): Promise<TimewebServer | undefined> {
    try {
      return await timeweb.getServer(id);
    } catch (error) {
      if (error instanceof TimewebFailure && error.problem === 'not_found') return undefined;
      throw error;
    }
  }

  async function applyAll(tx: Transaction, upstream: Upstream, scope: Scope): Promise<Applied> {
    await lockSyncs(tx);
    const stored = await lockTimewebServers(tx);
    const mine = stored.filter((row) => isOnPage(row) && (row.autoSync || !scope.autoOnly));
    const { changes, counts } = await applyTo(tx, { stored: mine, upstream, at: scope.at });
    const fresh = newOnes(upstream.servers, stored, upstream.costOf);
    const created = (await insertSynced(tx, fresh, scope.at)).length;
    const known = new Set(mine.map(({ timewebId }) => timewebId));
    const read = upstream.servers.filter(({ id }) => known.has(id)).length;
    return { synced: read + created, created, ...counts, changes };
  }

  /** Brings these rows up to date with what Timeweb has. What a later run has read already is left as it is. */
  async function applyTo(
    tx: Transaction,
    { stored, upstream, at }: { stored: HostingServer[]; upstream: Upstream; at: Date },
  ): Promise<{ changes: NewChange[]; counts: Pick<SyncCounts, 'changed' | 'missing'> }> {
    const servers = new Map(upstream.servers.map((server) => [server.id, server]));
    const updates: Parameters<typeof updateSynced>[1] = [];
    const gone: number[] = [];
    const changes: NewChange[] = [];
    let missing = 0;
    for (const row of stored) {
      const server = servers.get(row.timewebId ?? 0);
      if (!server) missing += 1;
      if (row.lastSyncAt && row.lastSyncAt > at) continue;
      if (server) {
        const { values, changes: found } = planUpdate(row, server, upstream.costOf);
        updates.push({ id: row.id, ...values });
        changes.push(...found.map((change) => toChange(row.id, change, 'sync')));
      } else if (row.missingSince === null) {
        gone.push(row.id);
        const change = { field: 'missing_since', old: null, new: at.toISOString() };
        changes.push(toChange(row.id, change, 'sync'));
      }
    }
    await updateSynced(tx, updates, at);
    await markMissing(tx, gone, at);
    const changed = new Set(changes.map(({ serverId }) => serverId)).size;
    return { changes, counts: { changed, missing } };
  }

  async function keepBooks(tx: Transaction): Promise<void> {
    await keepHostingBooks(tx, dayOf(clock()));
  }
}

/** What follows from the day alone: payments that are late, and the month's figures. */
export async function keepHostingBooks(tx: Transaction, today: string): Promise<void> {
  const followed = await followPayments(tx, today);
  await insertChanges(
    tx,
    followed.map(({ id, oldStatus, newStatus }) =>
      toChange(id, { field: 'status', old: oldStatus, new: newStatus }, 'payments'),
    ),
  );
  await saveMonth(tx, today);
}

export function toChange(
  serverId: number,
  change: ServerChange,
  source: NewChange['source'],
): NewChange {
  const { field, old: oldValue, new: newValue } = change;
  const toTell = source !== 'admin' && TOLD.has(field);
  return { serverId, field, oldValue, newValue, source, toTell };
}

const isOnPage = ({ deletedAt }: HostingServer): boolean => deletedAt === null;

function newOnes(servers: TimewebServer[], stored: HostingServer[], costOf: CostOf) {
  const known = new Set(stored.map(({ timewebId }) => timewebId));
  return servers.filter(({ id }) => !known.has(id)).map((server) => planNew(server, costOf));
}
