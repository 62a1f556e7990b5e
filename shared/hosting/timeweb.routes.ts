import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import type { HttpReply, Route } from '../lambda/http.ts';
import { guardedRoute } from '../lambda/route.ts';
import type { Timeweb } from '../timeweb/client.ts';
import { TimewebFailure } from '../timeweb/failure.ts';
import { getPrimaryIp, parseConfiguration } from '../timeweb/server.ts';
import { daysLeft, FEWEST_DAYS } from './finances.ts';
import { listTimewebIds } from './servers.sql.ts';
import { createServers } from './servers.ts';
import { createSync } from './sync.ts';
import * as contract from './timeweb.schema.ts';

export type TimewebRoutesDependencies = {
  db: Pool;
  /** Undefined without a token. */
  timeweb: Timeweb | undefined;
  tellChanges: () => Promise<unknown>;
  clock?: () => Date;
};

const NOT_CONFIGURED = 'Timeweb API token не настроен';

/** What has to do with Timeweb itself. */
export function timewebRoutes(dependencies: TimewebRoutesDependencies): Route[] {
  const { db, timeweb } = dependencies;
  const servers = createServers(dependencies);

  return [
    guardedRoute(contract.getTimewebStatus, async () => {
      const configured = timeweb !== undefined;
      const message = configured ? 'Timeweb API token configured' : NOT_CONFIGURED;
      return { status: 200, body: { success: true, configured, message } };
    }),

    guardedRoute(contract.listTimewebServers, ({ requestId }) =>
      sayingWhy(requestId, async () => {
        const [upstream, imported] = await Promise.all([
          configured().getServers(),
          listTimewebIds(db),
        ]);
        const items = upstream.map((server) => ({
          timeweb_id: server.id,
          name: server.name || `Сервер ${server.id}`,
          status: server.status ?? null,
          configuration: parseConfiguration(server),
          ip_address: getPrimaryIp(server),
          preset_id: server.preset_id,
          is_imported: imported.has(server.id),
        }));
        const importedCount = items.filter((item) => item.is_imported).length;
        return { servers: items, total: items.length, imported_count: importedCount };
      }),
    ),

    guardedRoute(contract.importServers, ({ body, requestId }) =>
      sayingWhy(requestId, async () => {
        const { imported, errors } = await sync().importServers(body.server_ids);
        const counts = { imported_count: imported.length, error_count: errors.length };
        return { imported, errors, ...counts };
      }),
    ),

    guardedRoute(contract.syncAll, async ({ body, requestId }) => {
      let isIdle = false;
      const reply = await sayingWhy(requestId, async () => {
        const counts = await sync().syncAll({ kind: 'admin', autoOnly: body.auto_only });
        // That somebody opened the page is nothing he did.
        isIdle = body.auto_only && counts.created + counts.changed + counts.missing === 0;
        // A run is written whole or not at all: a fault of one server is a fault of the run.
        return { ...counts, errors: [] };
      });
      return { ...reply, isIdle };
    }),

    guardedRoute(contract.syncServer, ({ params: { id }, requestId }) =>
      sayingWhy(requestId, async () => {
        const changes = await sync().syncOne(id);
        return { server: await servers.get(id), changes };
      }),
    ),

    guardedRoute(contract.getFinances, ({ requestId }) =>
      sayingWhy(requestId, async () => {
        const [finances, status] = await Promise.all([
          configured().getFinances(),
          configured().getAccountStatus(),
        ]);
        const days = daysLeft(finances);
        return {
          finances: {
            ...finances,
            currency: finances.currency ?? 'RUB',
            discount_end_date_at: finances.discount_end_date_at ?? null,
            autopay_card_info: finances.autopay_card_info ?? null,
            days_left: days,
            is_low: days !== null && days < FEWEST_DAYS,
            is_blocked: status.is_blocked ?? null,
          },
        };
      }),
    ),
  ];

  function configured(): Timeweb {
    if (!timeweb) throw new AppError('conflict', NOT_CONFIGURED);
    return timeweb;
  }

  function sync() {
    return createSync({ ...dependencies, timeweb: configured() });
  }
}

/** What Timeweb answers is no failure of ours, and the sentence is for the admin: the wrapper would hide it. */
async function sayingWhy(requestId: string, work: () => Promise<object>): Promise<HttpReply> {
  try {
    return { status: 200, body: { success: true, ...(await work()) } };
  } catch (error) {
    if (!(error instanceof TimewebFailure)) throw error;
    return { status: 502, body: { detail: error.message, request_id: requestId } };
  }
}
