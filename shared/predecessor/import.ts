import * as z from 'zod';

import type { Pool, Transaction } from '../db.ts';
import type { SecretBox } from '../secrets.ts';
import { countRows, listColumns, readRows, takeYourTime } from './source.sql.ts';
import { describeTables, type TableImport } from './tables.ts';
import { listNumbers, TakenError } from './target.sql.ts';

type Options = {
  /** Of the predecessor's tables, or of views with their names. */
  schema: string;
  /** Of times without an offset. */
  timezone: string;
  secrets: SecretBox;
  /** One enterprise and what is its own; undefined: all of them, and the hosting. */
  enterpriseNumber?: string | undefined;
  dryRun?: boolean;
  onProgress?: (counts: Counts) => void;
  /** What was not taken over, or not as it was, and why; never a value. */
  onNote?: (note: string) => void;
};

export type Counts = {
  table: string;
  /** Undefined: there is no such table. */
  total: number | undefined;
  read: number;
  imported: number;
  existing: number;
  leftOut: number;
  refused: number;
};

class Undo extends Error {}

/**
 * Copies what the predecessor knows into this database, in batches that are each there or not; what is there already
 * is left as it is, so it may be broken off and run again. A row that cannot be read is named and the others go on.
 */
export async function importPredecessor(
  db: Pool,
  source: Pool,
  options: Options,
): Promise<Counts[]> {
  let counts: Counts[] = [];
  await source.begin('isolation level repeatable read read only', async (reader) => {
    await takeYourTime(reader);
    if (!options.dryRun) {
      counts = await importAll(reader, options, (work) => db.begin(work));
      return;
    }
    await db
      .begin(async (tx) => {
        counts = await importAll(reader, options, (work) => tx.savepoint(work));
        throw new Undo();
      })
      .catch((error: unknown) => {
        if (!(error instanceof Undo)) throw error;
      });
  });
  return counts;
}

type Within = <T>(work: (tx: Transaction) => Promise<T>) => Promise<unknown>;
type Context = { source: Transaction; within: Within; options: Options; known: Set<string> };

async function importAll(source: Transaction, options: Options, within: Within): Promise<Counts[]> {
  const tables = describeTables(options);
  const context: Context = { source, within, options, known: new Set() };
  const lookAround = () =>
    within(async (tx) => {
      context.known = await listNumbers(tx);
    });
  await lookAround();
  const all = [await importTable(tables.enterprises, context)];
  await lookAround();
  all.push(await importTable(tables.lines, context));
  all.push(await importTable(tables.extensions, context));
  all.push(await importTable(tables.users, context));
  all.push(await importTable(tables.calls, context));
  all.push(await importTable(tables.integrationLogs, context));
  // The operator's own: nobody's when one enterprise is moved.
  if (options.enterpriseNumber !== undefined) return all;
  return [...all, await importTable(tables.hostingServers, context)];
}

async function importTable<Schema extends z.ZodObject, T>(
  definition: TableImport<Schema, T>,
  { source, within, options, known }: Context,
): Promise<Counts> {
  const { table, owner, schema: rowSchema } = definition;
  const { schema, enterpriseNumber, onNote = () => {}, onProgress = () => {} } = options;
  const nothing = { table, read: 0, imported: 0, existing: 0, leftOut: 0, refused: 0 };
  const columns = await listColumns(source, schema, table);
  if (columns.length === 0) return { ...nothing, total: undefined };
  const unread = columns.filter((column) => !(column in rowSchema.shape) && column !== 'id');
  if (unread.length > 0) onNote(`${table}: these columns stay behind: ${unread.join(', ')}`);

  const choice = {
    schema,
    table,
    ...(owner && enterpriseNumber && { where: { column: owner, value: enterpriseNumber } }),
  };
  const counts: Counts = { ...nothing, total: await countRows(source, choice) };
  const refuse = (name: string, why: string) => {
    counts.refused += 1;
    onNote(`${table} ${name} is refused: ${why}`);
  };
  for await (const batch of readRows(source, choice)) {
    const taken: Named<T>[] = [];
    for (const json of batch) {
      const name = nameOf(json, definition.key, owner);
      const row = rowSchema.safeParse(json);
      const number = owner === 'enterprise_number' && Reflect.get(row.data ?? {}, owner);
      if (!row.success) refuse(name, reasonsOf(row.error));
      else if (typeof number === 'string' && !known.has(number))
        refuse(name, `there is no enterprise ${number} here`);
      else {
        const outcome = definition.take(row.data);
        if (outcome === 'left out') counts.leftOut += 1;
        else {
          taken.push({ name, row: outcome.row });
          // Of what is here already nothing is taken, and so nothing is left behind.
          const notes = known.has(name) ? [] : (outcome.notes ?? []);
          for (const note of notes) onNote(`${table} ${name}: ${note}`);
        }
      }
    }
    const { inserted, refused } = await insertBatch(definition.insert, taken, { within, refuse });
    counts.read += batch.length;
    counts.imported += inserted;
    counts.existing += taken.length - inserted - refused;
    onProgress({ ...counts });
  }
  return counts;
}

type Named<T> = { name: string; row: T };

/** At once; when the database refuses that, row by row, so that only the one at fault is left. */
async function insertBatch<T>(
  write: TableImport<never, T>['insert'],
  rows: Named<T>[],
  { within, refuse }: { within: Within; refuse: (name: string, why: string) => void },
): Promise<{ inserted: number; refused: number }> {
  let inserted = 0;
  let refused = 0;
  const insert = async (some: Named<T>[]): Promise<void> => {
    if (some.length === 0) return;
    await within(async (tx) => {
      const values = some.map(({ row }) => row);
      inserted += await write(tx, values);
    });
  };
  try {
    await insert(rows);
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    for (const one of rows) {
      try {
        await insert([one]);
      } catch (cause) {
        const why = refusalOf(cause);
        if (why === undefined) throw cause;
        refused += 1;
        refuse(one.name, why);
      }
    }
  }
  return { inserted, refused };
}

/** Why the database does not take a row; undefined when it is not the row's fault. The value itself is not said. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof TakenError) return error.message;
  if (!(error instanceof Error && 'code' in error)) return undefined;
  const code = String(error.code);
  const constraint = 'constraint_name' in error ? String(error.constraint_name) : '';
  if (code === '23505') return `${constraint}: is taken by another`;
  if (/^2[23]/.test(code)) return `the database does not take it: ${code} ${constraint}`.trim();
  return undefined;
}

function nameOf(json: unknown, key: string, owner: string | undefined): string {
  const row = z.record(z.string(), z.unknown()).safeParse(json).data ?? {};
  const textOf = (column: string): string => {
    const value = row[column];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '(none)';
  };
  const isOwner = owner === undefined || owner === key;
  return isOwner ? textOf(key) : `${textOf(key)} of ${textOf(owner)}`;
}

const reasonsOf = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
