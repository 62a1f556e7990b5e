import { insertAudit } from '../audit/audit.sql.ts';
import { changesBetween } from '../audit/changes.ts';
import type { DoneBy } from '../audit/done-by.ts';
import type { IntegrationType } from '../crm/crm.schema.ts';
import { VendorFailure } from '../crm/failure.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import { Mapped } from './config.schema.ts';
import { listMapping, lockConfig, replaceMapping } from './config.sql.ts';
import type { Connection } from './connection.ts';
import { isComplete } from './settings.ts';

type Dependencies = {
  db: Pool;
  connection: Pick<Connection, 'load' | 'register' | 'listUsers'>;
};
export type Mapping = ReturnType<typeof createMapping>;

/** Which extension is which user of a CRM. */
export function createMapping({ db, connection }: Dependencies) {
  /** @throws AppError 404 */
  async function keep(number: string, type: IntegrationType, mapping: Mapped[], by: DoneBy) {
    return db.begin(async (tx) => {
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
  }

  return {
    /** @throws AppError 404 */
    async read(number: string, type: IntegrationType): Promise<Mapped[]> {
      await connection.load(number, type);
      return listMapping(db, number, type);
    },

    /** Some CRMs keep the map themselves: they are told of it at once. @throws AppError 404 */
    async replace(number: string, type: IntegrationType, mapping: Mapped[], by: DoneBy) {
      const items = await keep(number, type, mapping, by);
      const { settings, users } = await connection.load(number, type);
      if (!settings?.enabled || !isComplete(type, settings)) return { items, warning: null };
      const failure = await connection.register({ number, type, settings, users });
      return { items, warning: failure?.message ?? null };
    },

    /**
     * What a CRM that is switched on while our map is empty knows of extensions becomes our map: it may forget it with the
     * first registration that does not repeat it. A CRM that does not answer is no obstacle.
     */
    async takeOver(number: string, type: IntegrationType, by: DoneBy): Promise<void> {
      if ((await listMapping(db, number, type)).length > 0) return;
      const people = await connection.listUsers(number, type).catch((error: unknown) => {
        if (error instanceof VendorFailure) return undefined;
        throw error;
      });
      const known = Map.groupBy(people ?? [], ({ extension }) => extension ?? '');
      const mapping = [...known].flatMap(([extension, [person]]) => {
        const row = { extension, crm_user_id: person?.id, crm_user_name: person?.name };
        return Mapped.safeParse(row).data ?? [];
      });
      if (mapping.length > 0) await keep(number, type, mapping, by);
    },
  };
}

/** CRM user by extension. */
const usersOf = (mapping: Mapped[]) =>
  Object.fromEntries(mapping.map(({ extension, crm_user_id }) => [extension, crm_user_id]));
