import * as z from 'zod';

import type { Db } from '../db.ts';

/** Every column that holds sealed values: as the whole text, or as strings somewhere in a jsonb value. */
export const SEALED_COLUMNS = [
  { table: 'enterprises', column: 'bot_token', isJson: false },
  { table: 'enterprises', column: 'ssh_credentials', isJson: false },
  { table: 'enterprises', column: 'integrations_config', isJson: true },
] as const;
export type SealedColumn = (typeof SEALED_COLUMNS)[number];

const Row = z.object({ id: z.coerce.string(), value: z.string() });
export type SealedRow = z.output<typeof Row>;

/** The next rows after this id that have something in the column; a jsonb value as its text. */
export async function listSealed(
  db: Db,
  { table, column }: SealedColumn,
  afterId: string,
  limit: number,
): Promise<SealedRow[]> {
  const rows = await db`
    select id, ${db(column)}::text as value
    from ${db(table)}
    where id > ${afterId} and ${db(column)} is not null
    order by id
    limit ${limit}`;
  return Row.array().parse([...rows]);
}

/** False when somebody changed the value in the meantime. */
export async function replaceSealed(
  db: Db,
  { table, column, isJson }: SealedColumn,
  row: SealedRow & { replacement: string },
): Promise<boolean> {
  const type = isJson ? db`jsonb` : db`text`;
  const { count } = await db`
    update ${db(table)}
    set ${db(column)} = ${row.replacement}::text::${type}
    where id = ${row.id} and ${db(column)} = ${row.value}::text::${type}`;
  return count === 1;
}
