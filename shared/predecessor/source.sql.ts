import * as z from 'zod';

import type { Db, Transaction } from '../db.ts';

const AT_ONCE = 500;

/** The tables may be large, and nobody waits for an answer. */
export async function takeYourTime(tx: Transaction): Promise<void> {
  await tx`set local statement_timeout = 0`;
}

/** The columns of a table or view of the predecessor; empty when there is none. */
export async function listColumns(db: Db, schema: string, table: string): Promise<string[]> {
  const rows = await db`
    select column_name
    from information_schema.columns
    where table_schema = ${schema}
      and table_name = ${table}
    order by ordinal_position`;
  return z
    .object({ columnName: z.string() })
    .array()
    .parse([...rows])
    .map(({ columnName }) => columnName);
}

type Choice = { schema: string; table: string; where?: { column: string; value: string } };

export async function countRows(db: Db, choice: Choice): Promise<number> {
  const [row] = await db`select count(*)::int as total ${from(db, choice)}`;
  return z.object({ total: z.number() }).parse(row).total;
}

/** Every row as JSON, in batches. Numbers and times are then of one form, whatever types their columns have. */
export async function* readRows(db: Db, choice: Choice): AsyncGenerator<unknown[]> {
  for await (const rows of db`select to_jsonb(source) as row ${from(db, choice)}`.cursor(AT_ONCE)) {
    yield rows.map(({ row }) => row);
  }
}

function from(db: Db, { schema, table, where }: Choice) {
  return db`
    from ${db(schema)}.${db(table)} as source
    ${where ? db`where source.${db(where.column)}::text = ${where.value}` : db``}`;
}
