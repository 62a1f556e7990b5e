import { insertAudit } from '../audit/audit.sql.ts';
import { changesBetween } from '../audit/changes.ts';
import { type DoneBy, doneBy } from '../audit/done-by.ts';
import type { Db, Pool, Transaction } from '../db.ts';
import { AppError } from '../errors.ts';
import type { HttpReply, Route } from '../lambda/http.ts';
import { guardedRoute } from '../lambda/route.ts';
import * as contract from './directory.schema.ts';
import * as sql from './directory.sql.ts';

/** The names of employees and lines, as Telegram and the admin show them. */
export function directoryRoutes({ db }: { db: Pool }): Route[] {
  return [
    guardedRoute(contract.getExtensions, ({ params }) => answer(params.number, sql.listExtensions)),
    guardedRoute(contract.putExtensions, ({ params: { number }, body, ...request }, caller) =>
      replace(number, extensions, doneBy(request, caller), (tx) =>
        sql.replaceExtensions(tx, number, body.items),
      ),
    ),
    guardedRoute(contract.getLines, ({ params }) => answer(params.number, sql.listLines)),
    guardedRoute(contract.putLines, ({ params: { number }, body, ...request }, caller) =>
      replace(number, lines, doneBy(request, caller), (tx) =>
        sql.replaceLines(tx, number, body.items),
      ),
    ),
  ];

  async function answer<T>(number: string, list: List<T>): Promise<HttpReply> {
    if (!(await sql.enterpriseExists(db, number))) throw unknownEnterprise();
    return listed(await list(db, number));
  }

  async function replace<T>(
    number: string,
    { list, keyOf, action }: Directory<T>,
    by: DoneBy,
    write: (tx: Transaction) => Promise<void>,
  ): Promise<HttpReply> {
    return db.begin(async (tx) => {
      if (!(await sql.lockEnterprise(tx, number))) throw unknownEnterprise();
      const before = await list(tx, number);
      await write(tx);
      const after = await list(tx, number);
      const byKey = (items: T[]) => Object.fromEntries(items.map((item) => [keyOf(item), item]));
      const changes = changesBetween(byKey(before), byKey(after));
      await insertAudit(tx, by, { action, enterpriseNumber: number, changes });
      return listed(after);
    });
  }
}

type List<T> = (db: Db, number: string) => Promise<T[]>;
/** `keyOf` tells which entry of the list is which. */
type Directory<T> = { list: List<T>; keyOf: (item: T) => string; action: string };

const extensions: Directory<contract.Extension> = {
  list: sql.listExtensions,
  keyOf: ({ extension }) => extension,
  action: 'extensions.replace',
};
const lines: Directory<contract.Line> = {
  list: sql.listLines,
  keyOf: ({ line }) => line,
  action: 'lines.replace',
};

const listed = (items: unknown[]): HttpReply => ({
  status: 200,
  body: { items, next_cursor: null },
});
const unknownEnterprise = () => new AppError('not_found', 'Предприятие не найдено');
