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
    async replace(number: string, type: IntegrationType, mapping: Mapped[]) {
      const items = await db.begin(async (tx) => {
        if (!(await lockConfig(tx, number)))
          throw new AppError('not_found', 'Предприятие не найдено');
        await replaceMapping(tx, number, type, mapping);
        return listMapping(tx, number, type);
      });
      const { settings, users } = await connection.load(number, type);
      if (!settings?.enabled || !isComplete(type, settings)) return { items, warning: null };
      const failure = await connection.register({ number, type, settings, users });
      return { items, warning: failure?.message ?? null };
    },
  };
}
