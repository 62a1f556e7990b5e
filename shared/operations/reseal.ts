import type { Pool } from '../db.ts';
import { isSealed, type SecretBox } from '../secrets.ts';
import {
  listSealed,
  replaceSealed,
  SEALED_COLUMNS,
  type SealedColumn,
  type SealedRow,
} from './reseal.sql.ts';

type Options = {
  /** Opens with every key and seals with the newest. */
  secrets: SecretBox;
  /** The version of the newest key: "v2". */
  newest: string;
  dryRun?: boolean;
  onProgress?: (column: string, counts: ResealCounts) => void;
};
export type ResealCounts = { sealed: number; resealed: number; changedMeanwhile: number };

const AT_ONCE = 200;
/** In a text that may be JSON: keys of settings never look like this. */
const SEALED = /\bv\d+:[A-Za-z0-9+/]{38,}={0,2}/g;

/**
 * Seals with the newest key what an older one sealed, row by row, while everything runs: a row that somebody saves at
 * the same moment is left to the next run (saving seals with the newest key anyway). Can stop and begin again anywhere.
 * @throws Error a value that no key of ENCRYPTION_KEY opens, with its place, before anything in that row is changed
 */
export async function reseal(db: Pool, options: Options): Promise<ResealCounts> {
  const total = { sealed: 0, resealed: 0, changedMeanwhile: 0 };
  for (const column of SEALED_COLUMNS) {
    for await (const row of rowsOf(db, column)) {
      const { sealed, old, replacement } = sealAnew(row, column, options);
      total.sealed += sealed;
      if (old === 0) continue;
      const isDone = options.dryRun || (await replaceSealed(db, column, { ...row, replacement }));
      if (isDone) total.resealed += old;
      else total.changedMeanwhile += old;
    }
    options.onProgress?.(`${column.table}.${column.column}`, { ...total });
  }
  return total;
}

async function* rowsOf(db: Pool, column: SealedColumn): AsyncGenerator<SealedRow> {
  let last = '0';
  for (;;) {
    const rows = await listSealed(db, column, last, AT_ONCE);
    yield* rows;
    const id = rows.at(-1)?.id;
    if (id === undefined || rows.length < AT_ONCE) return;
    last = id;
  }
}

function sealAnew(
  { id, value }: SealedRow,
  { table, column }: SealedColumn,
  { secrets, newest }: Options,
) {
  let sealed = 0;
  let old = 0;
  const replacement = value.replaceAll(SEALED, (found) => {
    if (!isSealed(found)) return found;
    sealed += 1;
    if (found.startsWith(`${newest}:`)) return found;
    old += 1;
    try {
      return secrets.seal(secrets.open(found));
    } catch (cause) {
      const version = found.split(':')[0];
      throw new Error(`${table}.${column} of row ${id} cannot be opened with key ${version}`, {
        cause,
      });
    }
  });
  return { sealed, old, replacement };
}
