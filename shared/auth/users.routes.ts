import { randomBytes } from 'node:crypto';

import { insertAudit } from '../audit/audit.sql.ts';
import { changesBetween } from '../audit/changes.ts';
import { doneBy } from '../audit/done-by.ts';
import type { Pool, Transaction } from '../db.ts';
import { enterpriseExists, lockEnterprise } from '../directory/directory.sql.ts';
import { AppError } from '../errors.ts';
import type { Route } from '../lambda/http.ts';
import { guardedRoute } from '../lambda/route.ts';
import type { Caller } from './caller.ts';
import { hashPassword } from './passwords.ts';
import { insertPerson } from './people.sql.ts';
import { deleteSessionsOf } from './sessions.sql.ts';
import * as contract from './users.schema.ts';
import * as sql from './users.sql.ts';

/** The admins of an enterprise, kept by superadmins and by themselves. */
export function userRoutes({ db }: { db: Pool }): Route[] {
  return [
    guardedRoute(contract.listUsers, async ({ params: { number } }) => {
      if (!(await enterpriseExists(db, number))) throw unknownEnterprise();
      return { status: 200, body: { items: await sql.listUsers(db, number), next_cursor: null } };
    }),

    guardedRoute(contract.createUser, async ({ params, body, ...request }, caller) => {
      const { number } = params;
      const { login, name, password = newPassword() } = body;
      const passwordHash = await hashPassword(password);
      const user = await db.begin(async (tx) => {
        if (!(await lockEnterprise(tx, number))) throw unknownEnterprise();
        const isNew = await insertPerson(tx, {
          login,
          name,
          passwordHash,
          enterpriseNumber: number,
        });
        const made = isNew ? await sql.findUserByLogin(tx, login) : undefined;
        if (!made) throw new AppError('conflict', 'Такой логин уже занят');
        await insertAudit(tx, doneBy(request, caller), {
          action: 'user.create',
          enterpriseNumber: number,
          subject: made.login,
          changes: changesBetween({}, { name }),
        });
        return made;
      });
      return { status: 201, body: { ...user, password: body.password ? null : password } };
    }),

    guardedRoute(contract.changeUser, async ({ params, body, ...request }, caller) => {
      const { number, id } = params;
      const { name, active } = body;
      if (active === false) refuseSelf(caller, id);
      const password = body.password === null ? newPassword() : body.password;
      const passwordHash = password === undefined ? undefined : await hashPassword(password);
      const user = await db.begin(async (tx) => {
        const before = await existing(tx, number, id);
        const after = await sql.updateUser(tx, id, { name, active, passwordHash });
        if (active === false || passwordHash !== undefined) await endSessions(tx, number, id);
        await insertAudit(tx, doneBy(request, caller), {
          action: 'user.update',
          enterpriseNumber: number,
          subject: before.login,
          changes: changesBetween(
            { name: before.name, active: before.active },
            { name: after.name, active: after.active, ...(password && { password }) },
            { secret: ['password'] },
          ),
        });
        return after;
      });
      const shown = body.password === null && password !== undefined ? password : null;
      return { status: 200, body: { ...user, password: shown } };
    }),

    guardedRoute(contract.deleteUser, async ({ params: { number, id }, ...request }, caller) => {
      refuseSelf(caller, id);
      await db.begin(async (tx) => {
        const { login, name } = await existing(tx, number, id);
        await sql.deleteUser(tx, id);
        await insertAudit(tx, doneBy(request, caller), {
          action: 'user.delete',
          enterpriseNumber: number,
          subject: login,
          changes: changesBetween({ name }, {}),
        });
      });
      return { status: 200, body: { success: true } };
    }),
  ];

  async function existing(tx: Transaction, number: string, id: number) {
    const user = await sql.lockUser(tx, number, id);
    if (!user) throw new AppError('not_found', 'Такого пользователя нет');
    return user;
  }
}

const newPassword = (): string => randomBytes(15).toString('base64url');
const unknownEnterprise = () => new AppError('not_found', 'Предприятие не найдено');

/** An enterprise whose last admin shut himself out would have to ask the operator. */
function refuseSelf(caller: Caller, id: number): void {
  if (caller.kind !== 'enterprise admin' || caller.id !== id) return;
  throw new AppError('conflict', 'Нельзя отключить самого себя');
}

const endSessions = (tx: Transaction, enterpriseNumber: string, id: number) =>
  deleteSessionsOf(tx, { kind: 'enterprise admin', id, enterpriseNumber });
