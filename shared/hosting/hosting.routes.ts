import type { Pool } from '../db.ts';
import type { HttpReply, Route } from '../lambda/http.ts';
import { guardedRoute } from '../lambda/route.ts';
import { getCalendar } from './calendar.ts';
import * as payment from './payments.schema.ts';
import { createPayments } from './payments.ts';
import { createProjects } from './projects.ts';
import * as server from './servers.schema.ts';
import { createServers } from './servers.ts';
import { getHostingStats } from './stats.ts';
import { timewebRoutes, type TimewebRoutesDependencies } from './timeweb.routes.ts';

/** Everything below /admin/hosting/api. */
export function hostingRoutes(dependencies: TimewebRoutesDependencies & { db: Pool }): Route[] {
  const { db, clock = () => new Date() } = dependencies;
  const servers = createServers({ db, clock });
  const payments = createPayments({ db, clock });
  const projects = createProjects(db);

  return [
    ...timewebRoutes(dependencies),

    guardedRoute(server.listServers, async ({ query }) => ok(await servers.list(query))),
    guardedRoute(server.createServer, async ({ body }) =>
      done({ server: await servers.create(body) }),
    ),
    guardedRoute(server.getServer, async ({ params }) =>
      done({ server: await servers.get(params.id) }),
    ),
    guardedRoute(server.patchServer, async ({ params, body }) =>
      done({ server: await servers.change(params.id, body) }),
    ),
    guardedRoute(server.deleteServer, async ({ params }) => {
      await servers.delete(params.id);
      return done();
    }),
    guardedRoute(server.listChanges, async ({ params, query }) =>
      ok(await servers.listChanges(params.id, query)),
    ),
    guardedRoute(server.getStats, async ({ query }) =>
      done(await getHostingStats(db, { months: query.months, now: clock() })),
    ),

    guardedRoute(payment.listProjects, async () =>
      ok({ items: await projects.list(), next_cursor: null }),
    ),
    guardedRoute(payment.createProject, async ({ body }) =>
      done({ project: await projects.create(body) }),
    ),
    guardedRoute(payment.getProject, async ({ params }) =>
      done({ project: await projects.get(params.id) }),
    ),
    guardedRoute(payment.patchProject, async ({ params, body }) =>
      done({ project: await projects.change(params.id, body) }),
    ),
    guardedRoute(payment.deleteProject, async ({ params }) => {
      await projects.delete(params.id);
      return done();
    }),

    guardedRoute(payment.getCalendar, async ({ query }) =>
      ok(await getCalendar(db, query, clock())),
    ),
    guardedRoute(payment.listPayments, async ({ query }) => ok(await payments.list(query))),
    guardedRoute(payment.createPayment, async ({ body }) => done(await payments.create(body))),
    guardedRoute(payment.getPayment, async ({ params }) =>
      done({ payment: await payments.get(params.id) }),
    ),
    guardedRoute(payment.patchPayment, async ({ params, body }) =>
      done({ payment: await payments.change(params.id, body) }),
    ),
    guardedRoute(payment.deletePayment, async ({ params }) => {
      await payments.delete(params.id);
      return done();
    }),
  ];
}

const ok = (body: object): HttpReply => ({ status: 200, body });
const done = (body: object = {}): HttpReply => ok({ success: true, ...body });
