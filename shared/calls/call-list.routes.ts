import type { Pool } from '../db.ts';
import type { Route } from '../lambda/http.ts';
import { guardedRoute } from '../lambda/route.ts';
import type { PartUploads } from '../recordings/part-uploads.ts';
import type { Signer } from '../recordings/sign.ts';
import { createCallExport, findExport } from './call-export.ts';
import * as contract from './call-list.schema.ts';
import { getCall, listCalls } from './call-list.ts';
import { tabulateCalls } from './call-table.ts';

type Dependencies = { db: Pool; signer: Pick<Signer, 'get'>; uploads: PartUploads };

export function callListRoutes({ db, signer, uploads }: Dependencies): Route[] {
  const exports = createCallExport({ db, uploads });
  return [
    guardedRoute(contract.listCalls, async ({ params, query }) => ({
      status: 200,
      body: await listCalls(db, params.number, query),
    })),
    guardedRoute(contract.getCall, async ({ params }) => ({
      status: 200,
      body: await getCall(db, params.number, params.id),
    })),
    guardedRoute(contract.exportCalls, async ({ params: { number }, query }) => {
      const text = await tabulateCalls(db, number, query);
      if (text === undefined)
        return { status: 202, body: { job_id: await exports.begin(number, query) } };
      return {
        status: 200,
        text,
        headers: {
          'content-type': 'text/csv; charset=utf-8',
          'content-disposition': `attachment; filename="calls-${number}.csv"`,
        },
      };
    }),
    guardedRoute(contract.getExport, async ({ params: { number, id } }) => {
      const found = await findExport({ db, signer }, number, id);
      if (found.link === undefined)
        return { status: 202, body: { job_id: id, progress: found.progress } };
      return { status: 302, headers: { location: found.link } };
    }),
  ];
}
