import * as z from 'zod';

import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Pool } from '../db.ts';
import type { Route } from '../lambda/http.ts';
import { guardedRoute } from '../lambda/route.ts';
import { lastMomentOf, momentOf } from '../zoned-time.ts';
import * as contract from './audit.schema.ts';
import { type AuditRow, listAudit } from './audit.sql.ts';

/** The place of a row in the list: its time, to the microsecond, and its id. */
const Place = z.tuple([z.iso.datetime({ precision: 6 }), z.string().regex(/^\d+$/)]);

export function auditRoutes({ db }: { db: Pool }): Route[] {
  return [
    guardedRoute(contract.listAudit, async ({ query: { cursor, limit, ...query } }) => {
      const { enterprise, actor, action, from, to } = query;
      const scope = ['audit', [enterprise, actor, action, from, to].map((value) => value ?? null)];
      const [at, id] = cursor === undefined ? [] : decodeCursor(Place, cursor, scope);
      const rows = await listAudit(db, {
        filters: {
          enterpriseNumber: enterprise,
          actor,
          action,
          from: from === undefined ? undefined : momentOf(from, 'UTC'),
          to: to === undefined ? undefined : lastMomentOf(to, 'UTC'),
        },
        after: at && id ? { at, id } : undefined,
        limit: limit + 1,
      });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const next = last && rows.length > limit ? encodeCursor([last.place, last.id], scope) : null;
      return { status: 200, body: { items: page.map(toItem), next_cursor: next } };
    }),
  ];
}

function toItem(row: AuditRow) {
  const { at, actorKind, enterpriseNumber, requestId, place: _place, ...shown } = row;
  return {
    ...shown,
    at: at.toISOString(),
    actor_kind: actorKind,
    enterprise_number: enterpriseNumber,
    request_id: requestId,
  };
}
