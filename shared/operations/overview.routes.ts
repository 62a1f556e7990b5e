import type { Pool } from '../db.ts';
import type { Route } from '../lambda/http.ts';
import { guardedRoute } from '../lambda/route.ts';
import * as contract from './overview.schema.ts';
import { getAllOverview, getOverview } from './overview.ts';
import type { ReachStorage } from './services.ts';

type Dependencies = { db: Pool; storage?: ReachStorage | undefined };

export function overviewRoutes({ db, storage }: Dependencies): Route[] {
  return [
    guardedRoute(contract.getOverview, async ({ params }) => ({
      status: 200,
      body: await getOverview(db, params.number),
    })),
    guardedRoute(contract.getAllOverview, async ({ query }) => ({
      status: 200,
      body: await getAllOverview(db, query.timezone, { storage }),
    })),
  ];
}
