import * as z from 'zod';

import type { Db, Transaction } from '../db.ts';
import type { Extension, Line } from './directory.schema.ts';

const ExtensionRow = z
  .object({
    extension: z.string(),
    name: z.string().nullable(),
    mobile: z.string().nullable(),
    telegramId: z.coerce.number().nullable(),
  })
  .transform(({ telegramId, ...row }): Extension => ({ ...row, telegram_id: telegramId }));
const LineRow = z.object({ line: z.string(), name: z.string() });

export async function enterpriseExists(db: Db, number: string): Promise<boolean> {
  const [row] = await db`
    select 1
    from enterprises
    where number = ${number}`;
  return row !== undefined;
}

/** Whoever replaces a list of the same enterprise waits. Returns false when there is no such enterprise. */
export async function lockEnterprise(tx: Transaction, number: string): Promise<boolean> {
  const [row] = await tx`
    select 1
    from enterprises
    where number = ${number}
    for no key update`;
  return row !== undefined;
}

export async function listExtensions(db: Db, number: string): Promise<Extension[]> {
  const rows = await db`
    select extension, name, mobile, telegram_id
    from extensions
    where enterprise_number = ${number}
    order by length(extension), extension`;
  return ExtensionRow.array().parse([...rows]);
}

export async function replaceExtensions(
  tx: Transaction,
  number: string,
  extensions: Extension[],
): Promise<void> {
  await tx`
    delete from extensions
    where enterprise_number = ${number}`;
  if (extensions.length === 0) return;
  const rows = extensions.map(({ extension, name, mobile, telegram_id }) => ({
    enterpriseNumber: number,
    extension,
    name,
    mobile,
    telegramId: telegram_id,
  }));
  await tx`insert into extensions ${tx(rows)}`;
}

export async function listLines(db: Db, number: string): Promise<Line[]> {
  const rows = await db`
    select line, name
    from lines
    where enterprise_number = ${number}
    order by line`;
  return LineRow.array().parse([...rows]);
}

export async function replaceLines(tx: Transaction, number: string, lines: Line[]): Promise<void> {
  await tx`
    delete from lines
    where enterprise_number = ${number}`;
  if (lines.length === 0) return;
  const rows = lines.map(({ line, name }) => ({ enterpriseNumber: number, line, name }));
  await tx`insert into lines ${tx(rows)}`;
}
