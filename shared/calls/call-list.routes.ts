import type { Pool } from '../db.ts';
import type { Route } from '../lambda/http.ts';
import { guardedRoute } from '../lambda/route.ts';
import * as contract from './call-list.schema.ts';
import { getCall, listCalls } from './call-list.ts';
import { tabulateCalls } from './call-table.ts';

export function callListRoutes({ db }: { db: Pool }): Route[] {
  return [
    guardedRoute(contract.listCalls, async ({ params, query }) => ({
      status: 200,
      body: await listCalls(db, params.number, query),
    })),
    guardedRoute(contract.getCall, async ({ params }) => ({
      status: 200,
      body: await getCall(db, params.number, params.id),
    })),
    guardedRoute(contract.exportCalls, async ({ params, query }) => ({
      status: 200,
      text: await tabulateCalls(db, params.number, query),
      headers: {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="calls-${params.number}.csv"`,
      },
    })),
  ];
}
