import type { Preset, ServiceCost, TimewebServer } from '../timeweb/schema.ts';
import { getPrimaryIp, parseConfiguration } from '../timeweb/server.ts';
import { roundMoney, type ServerStatus } from './hosting.ts';
import type { HostingServer, NewTimewebServer, SyncedValues } from './servers.sql.ts';

/** What one server costs a month; null when nobody says. */
export type CostOf = (server: TimewebServer) => number | null;

/** What the account really pays for it, extras included, else the preset's price. */
export function pricing(costs: ServiceCost[], presets: Preset[]): CostOf {
  const paid = new Map<number | null, number>();
  for (const { type, service_id: id, total_cost: total } of costs) {
    if (type === 'server' && id !== null && total !== null) paid.set(id, total);
  }
  const prices = new Map(presets.map(({ id, price }) => [id, price]));
  return ({ id, preset_id: presetId }) => {
    const preset = presetId === null ? undefined : prices.get(presetId);
    const cost = paid.get(id) ?? preset ?? null;
    return cost === null ? null : roundMoney(cost);
  };
}

type FieldChange = { field: string; old: string | null; new: string | null };

/** A server that is not known yet. The client's price is nobody's guess. */
export function planNew(server: TimewebServer, costOf: CostOf): NewTimewebServer {
  const created = /^\d{4}-\d\d-\d\d/.exec(server.created_at ?? '')?.[0];
  return {
    timewebId: server.id,
    serverName: server.name || `Сервер ${server.id}`,
    configuration: parseConfiguration(server),
    ipAddress: getPrimaryIp(server),
    costPrice: costOf(server),
    status: server.status === 'off' ? 'suspended' : 'active',
    timewebStatus: server.status ?? null,
    timewebPresetId: server.preset_id,
    timewebData: server,
    missingSince: null,
    startDate: created && isDate(created) ? created : null,
  };
}

/** What a known server becomes, and what of it is worth a line in its history. */
export function planUpdate(
  stored: HostingServer,
  server: TimewebServer,
  costOf: CostOf,
): { values: SyncedValues; changes: FieldChange[] } {
  const presetId = server.configurator_id === null ? stored.timewebPresetId : null;
  const values: SyncedValues = {
    serverName: server.name || stored.serverName,
    // What the answer does not say is unknown: it takes nothing away that is known.
    configuration: parseConfiguration(server) ?? stored.configuration,
    ipAddress: getPrimaryIp(server) ?? stored.ipAddress,
    costPrice: costOf(server),
    status: statusAfter(stored.status, server.status),
    timewebStatus: server.status ?? stored.timewebStatus,
    timewebPresetId: server.preset_id ?? presetId,
    timewebData: server,
    missingSince: null,
  };
  const changes = FIELDS.flatMap(({ field, of }): FieldChange[] => {
    const [before, after] = [of(stored), of(values)];
    // Of a row that was never synced nothing has changed by becoming known.
    const isFirst = stored.lastSyncAt === null && before === null;
    return before === after || isFirst ? [] : [{ field, old: before, new: after }];
  });
  return { values, changes };
}

/** Fields whose changes are kept: all but the name. */
const FIELDS: { field: string; of: (values: SyncedValues | HostingServer) => string | null }[] = [
  { field: 'cost_price', of: ({ costPrice }) => costPrice?.toFixed(2) ?? null },
  { field: 'configuration', of: ({ configuration }) => configuration },
  { field: 'ip_address', of: ({ ipAddress }) => ipAddress },
  { field: 'timeweb_status', of: ({ timewebStatus }) => timewebStatus },
  { field: 'status', of: ({ status }) => status },
  { field: 'missing_since', of: ({ missingSince }) => missingSince?.toISOString() ?? null },
];

/** What the operators are told of; the rest is in the history only. */
export const TOLD: ReadonlySet<string> = new Set([
  'cost_price',
  'timeweb_status',
  'status',
  'missing_since',
]);

function statusAfter(status: ServerStatus, upstream: string | null | undefined): ServerStatus {
  if (upstream === 'off' && status !== 'closed') return 'suspended';
  if (upstream === 'on' && status === 'suspended') return 'active';
  return status;
}

const isDate = (text: string): boolean => !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
