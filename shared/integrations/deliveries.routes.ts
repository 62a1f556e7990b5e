import { doneBy } from '../audit/done-by.ts';
import type { Pool } from '../db.ts';
import type { Route } from '../lambda/http.ts';
import { guardedRoute } from '../lambda/route.ts';
import type { Queue } from '../queue.ts';
import * as contract from './deliveries.schema.ts';
import { getJob } from './jobs.ts';
import { getDelivery, listDeliveries, listLogs } from './lists.ts';
import { createReplay } from './replay.ts';
import { getAllStats, getStats } from './stats.ts';

type Dependencies = { db: Pool; crm: Pick<Queue, 'sendAll'> };

export function deliveryRoutes({ db, crm }: Dependencies): Route[] {
  const replay = createReplay({ db, crm });

  return [
    guardedRoute(contract.listLogs, async ({ params, query }) => ({
      status: 200,
      body: await listLogs(db, params.number, query),
    })),
    guardedRoute(contract.listDeliveries, async ({ params, query }) => ({
      status: 200,
      body: await listDeliveries(db, params.number, query),
    })),
    guardedRoute(contract.getDelivery, async ({ params }) => ({
      status: 200,
      body: await getDelivery(db, params.number, params.id),
    })),

    guardedRoute(contract.replayDeliveries, async ({ params, body, ...request }, caller) => {
      const { number } = params;
      const by = doneBy(request, caller);
      if (body.filter)
        return { status: 202, body: { job_id: await replay.byFilter(number, body.filter, by) } };
      const replayed = await replay.byIds(number, body.ids ?? [], by);
      return { status: 200, body: { success: true, ...replayed } };
    }),
    guardedRoute(contract.getJob, async ({ params }, caller) => ({
      status: 200,
      body: await getJob(db, params.id, caller),
    })),

    guardedRoute(contract.getStats, async ({ params, query }) => ({
      status: 200,
      body: await getStats(db, params.number, query),
    })),
    guardedRoute(contract.getAllStats, async ({ query }) => ({
      status: 200,
      body: await getAllStats(db, query),
    })),
  ];
}
