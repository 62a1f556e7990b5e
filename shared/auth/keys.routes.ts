import { v7 as newUuid } from 'uuid';

import { insertAudit } from '../audit/audit.sql.ts';
import { changesBetween } from '../audit/changes.ts';
import { doneBy } from '../audit/done-by.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import type { Route } from '../lambda/http.ts';
import { guardedRoute } from '../lambda/route.ts';
import { adminOf } from './caller.ts';
import * as contract from './keys.schema.ts';
import * as sql from './keys.sql.ts';
import { makeKey } from './keys.ts';

/** The keys by which programs read and write chats. */
export function keyRoutes({ db }: { db: Pool }): Route[] {
  return [
    guardedRoute(contract.listKeys, async () => ({
      status: 200,
      body: { items: await sql.listKeys(db), next_cursor: null },
    })),

    guardedRoute(contract.createKey, async ({ body: { name, scopes }, ...request }, caller) => {
      const { key, ...made } = makeKey();
      const stored = await db.begin(async (tx) => {
        const { id: adminId } = adminOf(caller);
        const inserted = await sql.insertKey(tx, { id: newUuid(), name, scopes, ...made, adminId });
        await insertAudit(tx, doneBy(request, caller), {
          action: 'api_key.create',
          subject: name,
          changes: changesBetween({}, { prefix: inserted.prefix, scopes }),
        });
        return inserted;
      });
      return { status: 201, body: { ...stored, key } };
    }),

    guardedRoute(contract.deleteKey, async ({ params: { id }, ...request }, caller) => {
      await db.begin(async (tx) => {
        const gone = await sql.deleteKey(tx, id);
        if (!gone) throw new AppError('not_found', 'Такого ключа нет');
        await insertAudit(tx, doneBy(request, caller), {
          action: 'api_key.delete',
          subject: gone.name,
          changes: changesBetween({ prefix: gone.prefix, scopes: gone.scopes }, {}),
        });
      });
      return { status: 200, body: { success: true } };
    }),
  ];
}
