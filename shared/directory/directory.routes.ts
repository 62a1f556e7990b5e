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
    guardedRoute(contract.putExtensions, ({ params: { number }, body }) =>
      replace(number, sql.listExtensions, (tx) => sql.replaceExtensions(tx, number, body.items)),
    ),
    guardedRoute(contract.getLines, ({ params }) => answer(params.number, sql.listLines)),
    guardedRoute(contract.putLines, ({ params: { number }, body }) =>
      replace(number, sql.listLines, (tx) => sql.replaceLines(tx, number, body.items)),
    ),
  ];

  async function answer<T>(number: string, list: List<T>): Promise<HttpReply> {
    if (!(await sql.enterpriseExists(db, number))) throw unknownEnterprise();
    return listed(await list(db, number));
  }

  async function replace<T>(
    number: string,
    list: List<T>,
    write: (tx: Transaction) => Promise<void>,
  ): Promise<HttpReply> {
    return db.begin(async (tx) => {
      if (!(await sql.lockEnterprise(tx, number))) throw unknownEnterprise();
      await write(tx);
      return listed(await list(tx, number));
    });
  }
}

type List<T> = (db: Db, number: string) => Promise<T[]>;

const listed = (items: unknown[]): HttpReply => ({
  status: 200,
  body: { items, next_cursor: null },
});
const unknownEnterprise = () => new AppError('not_found', 'Предприятие не найдено');
