import { doneBy } from '../audit/done-by.ts';
import { VendorFailure } from '../crm/failure.ts';
import type { HttpReply, Route } from '../lambda/http.ts';
import { guardedRoute } from '../lambda/route.ts';
import * as contract from './config.schema.ts';
import { createIntegrationConfig } from './config.ts';
import { type ConnectionDependencies, createConnection } from './connection.ts';
import { createMapping } from './mapping.ts';

export function integrationConfigRoutes(dependencies: ConnectionDependencies): Route[] {
  const connection = createConnection(dependencies);
  const mapping = createMapping({ ...dependencies, connection });
  const config = createIntegrationConfig({ ...dependencies, connection, mapping });

  return [
    guardedRoute(contract.getConfig, async ({ params: { number }, query }) => ({
      status: 200,
      body: await (query.view === 'admin' ? config.describe(number) : config.read(number)),
    })),

    guardedRoute(contract.saveConfig, async ({ params, body, ...request }, caller) => ({
      status: 200,
      body: await config.save(params.number, body, doneBy(request, caller)),
    })),

    guardedRoute(contract.testConnection, async ({ params: { number, type }, body }) => ({
      status: 200,
      body: await connection.test(number, type, body),
    })),

    guardedRoute(contract.listCrmUsers, ({ params: { number, type }, requestId }) =>
      sayingWhy(requestId, async () => {
        const users = await connection.listUsers(number, type);
        const items = (users ?? []).map(({ id, name, extension }) => ({
          id,
          name,
          extension: extension ?? null,
        }));
        return { items, next_cursor: null, supported: users !== undefined };
      }),
    ),

    guardedRoute(contract.getMapping, async ({ params: { number, type } }) => ({
      status: 200,
      body: { items: await mapping.read(number, type), next_cursor: null },
    })),

    guardedRoute(contract.putMapping, async ({ params, body, ...request }, caller) => {
      const { number, type } = params;
      const replaced = await mapping.replace(number, type, body.items, doneBy(request, caller));
      return { status: 200, body: { ...replaced, next_cursor: null } };
    }),
  ];
}

/** What a CRM answers is no failure of ours, and the sentence is for the admin: the wrapper would hide it. */
async function sayingWhy(requestId: string, ask: () => Promise<object>): Promise<HttpReply> {
  try {
    return { status: 200, body: await ask() };
  } catch (error) {
    if (!(error instanceof VendorFailure)) throw error;
    return { status: 502, body: { detail: error.message, request_id: requestId } };
  }
}
