import { insertAudit } from '../audit/audit.sql.ts';
import { changesBetween } from '../audit/changes.ts';
import type { DoneBy } from '../audit/done-by.ts';
import type { IntegrationType } from '../crm/crm.schema.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import type { Mapped } from './config.schema.ts';
import { listMapping, lockConfig, replaceMapping } from './config.sql.ts';
import type { Connection } from './connection.ts';
import { isComplete } from './settings.ts';

type Dependencies = { db: Pool; connection: Pick<Connection, 'load' | 'register'> };

/** Which extension is which user of a CRM. */
export function createMapping({ db, connection }: Dependencies) {
  return {
    /** @throws AppError 404 */
    async read(number: string, type: IntegrationType): Promise<Mapped[]> {
      await connection.load(number, type);
      return listMapping(db, number, type);
    },

    /** Some CRMs keep the map themselves: they are told of it at once. @throws AppError 404 */
    async replace(number: string, type: IntegrationType, mapping: Mapped[], by: DoneBy) {
      const items = await db.begin(async (tx) => {
        if (!(await lockConfig(tx, number)))
          throw new AppError('not_found', 'Предприятие не найдено');
        const before = await listMapping(tx, number, type);
        await replaceMapping(tx, number, type, mapping);
        const after = await listMapping(tx, number, type);
        await insertAudit(tx, by, {
          action: 'integration.mapping',
          enterpriseNumber: number,
          subject: type,
          changes: changesBetween(usersOf(before), usersOf(after)),
        });
        return after;
      });
      const { settings, users } = await connection.load(number, type);
      if (!settings?.enabled || !isComplete(type, settings)) return { items, warning: null };
      const failure = await connection.register({ number, type, settings, users });
      return { items, warning: failure?.message ?? null };
    },
  };
}

/** CRM user by extension. */
const usersOf = (mapping: Mapped[]) =>
  Object.fromEntries(mapping.map(({ extension, crm_user_id }) => [extension, crm_user_id]));
