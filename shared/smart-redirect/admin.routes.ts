import * as z from 'zod';

import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import type { Route } from '../lambda/http.ts';
import { guardedRoute } from '../lambda/route.ts';
import { type Finder, whyNobody } from './responsible.ts';
import * as contract from './smart-redirect.schema.ts';
import * as sql from './smart-redirect.sql.ts';

/** What the admin's page of smart redirect shows and does. */
export function smartRedirectAdminRoutes({ db, finder }: { db: Pool; finder: Finder }): Route[] {
  return [
    guardedRoute(contract.getSettings, async ({ params }) => {
      const settings = await sql.loadSettings(db, params.number);
      if (!settings) throw unknownEnterprise();
      return { status: 200, body: settings };
    }),
    guardedRoute(contract.putSettings, async ({ params, body }) => {
      if (!(await sql.saveSettings(db, params.number, body))) throw unknownEnterprise();
      return { status: 200, body };
    }),
    guardedRoute(contract.listRedirects, async ({ params: { number }, query }) => {
      if (!(await sql.loadSettings(db, number))) throw unknownEnterprise();
      const scope = ['smart-redirects', number];
      const after =
        query.cursor === undefined ? undefined : decodeCursor(z.uuid(), query.cursor, scope);
      const wanted = { enterpriseNumber: number, after, limit: query.limit + 1 };
      const rows = await sql.listRedirects(db, wanted);
      const page = rows.slice(0, query.limit);
      const last = rows.length > query.limit ? page.at(-1) : undefined;
      const next_cursor = last ? encodeCursor(last.id, scope) : null;
      return { status: 200, body: { items: page.map(toRedirect), next_cursor } };
    }),
    guardedRoute(contract.tryRedirect, async ({ params: { number }, body: { phone } }) => {
      const enterprise = await sql.loadEnterprise(db, { number }, phone);
      if (!enterprise) throw unknownEnterprise();
      const began = performance.now();
      const finding = await finder.find(enterprise, phone, { useCache: false });
      const { person, clientName, lookups } = finding;
      const isOff = !enterprise.active || enterprise.settings.mode === 'off';
      return {
        status: 200,
        body: {
          manager: person?.extension ?? null,
          manager_name: person?.name ?? null,
          client_name: clientName,
          source: person?.source ?? null,
          reason: isOff ? 'disabled' : person ? null : whyNobody(finding),
          lookups,
          took_ms: Math.round(performance.now() - began),
        },
      };
    }),
  ];
}

function toRedirect(row: sql.RedirectRow) {
  const { askedBy, uniqueId, managerName, tookMs, createdAt, ...same } = row;
  return {
    ...same,
    created_at: createdAt.toISOString(),
    asked_by: askedBy,
    unique_id: uniqueId,
    manager_name: managerName,
    took_ms: tookMs,
  };
}

const unknownEnterprise = () => new AppError('not_found', 'Предприятие не найдено');
