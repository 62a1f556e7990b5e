import type * as z from 'zod';

import type { Pool } from '../db.ts';
import { formatPhone } from '../phone.ts';
import { formatInZone } from '../zoned-time.ts';
import type { CallFilters } from './call-list.schema.ts';
import {
  type CallOwner,
  type CallPlace,
  type CallRow,
  countCalls,
  listCalls,
} from './call-list.sql.ts';
import { filtersOf, findOwner } from './call-list.ts';
import type { CallStatus, Direction } from './call.ts';

const MOST_ROWS = 20_000;
const ROWS_AT_ONCE = 2_000;
/** What one answer of a function may hold, less what its JSON envelope adds. */
const MOST_BYTES = 5 * 1024 * 1024;

/** Excel takes a file for UTF-8 only with the mark, and where it speaks Russian it parts columns by semicolons. */
const BYTE_ORDER_MARK = '\uFEFF';
const SEPARATOR = ';';

const DIRECTIONS: Record<Direction, string> = {
  in: 'входящий',
  out: 'исходящий',
  internal: 'внутренний',
};
const STATUSES: Record<CallStatus, string> = {
  greeting: 'приветствие',
  ringing: 'вызов',
  talking: 'разговор',
  transferring: 'перевод',
  answered: 'отвечен',
  missed: 'пропущен',
  abandoned: 'сброшен на приветствии',
  no_answer: 'нет ответа',
  busy: 'занято',
  failed: 'не удался',
  lost_in_transfer: 'потерян при переводе',
  internal_answered: 'отвечен',
  internal_missed: 'нет ответа',
};

type Cell = string | number | null;
type Column = [title: string, value: (call: CallRow, owner: CallOwner) => Cell];

const COLUMNS: Column[] = [
  ['Начало', ({ startedAt }, { timezone }) => formatInZone(startedAt, timezone)],
  ['Направление', ({ direction }) => DIRECTIONS[direction]],
  ['Статус', ({ status }) => STATUSES[status]],
  // Spelled out and without the plus: bare digits Excel shows as 3,75291E+11, and a plus begins a formula.
  ['Номер', ({ phone }) => phone && formatPhone(phone).replace(/^\+/, '')],
  ['Линия', ({ line }, { lineNames }) => line && (lineNames[line] ?? line)],
  ['Звонили', ({ rang }, { extensionNames }) => rang.map(named(extensionNames)).join(', ')],
  ['Звонил', ({ caller }, { extensionNames }) => caller && named(extensionNames)(caller)],
  ['Первый ответил', (call, { extensionNames }) => nameOf(call.firstAnsweredBy, extensionNames)],
  ['Последний говорил', (call, { extensionNames }) => nameOf(call.lastTalkedBy, extensionNames)],
  ['Ожидание, с', ({ waitSeconds }) => waitSeconds],
  ['Разговор, с', ({ talkSeconds }) => talkSeconds],
  ['Окончание', ({ endedAt }, { timezone }) => endedAt && formatInZone(endedAt, timezone)],
  ['ID', ({ mainUniqueId }) => mainUniqueId],
];

/** Lines of the table, and where the next ones begin; undefined after the last ones. */
type Piece = { text: string; rows: number; next: CallPlace | undefined };

/** Where a table begins: what makes it UTF-8 to Excel, and the titles. */
export const tableHead = (): string => BYTE_ORDER_MARK + toLine(COLUMNS.map(([title]) => title));

/**
 * Gives out a table step by step, so that no query and no result set is large.
 * @throws AppError 404
 */
export async function createTable(db: Pool, number: string, query: z.output<typeof CallFilters>) {
  const owner = await findOwner(db, number);
  const filters = filtersOf(query, owner.timezone);
  return {
    /** How many calls there are, counted up to a limit. */
    count: (limit?: number): Promise<number> =>
      countCalls(db, { enterpriseNumber: number, filters }, limit),

    async read(after?: CallPlace): Promise<Piece> {
      // One more tells whether there are more: what comes next must not be empty.
      const page = { enterpriseNumber: number, filters, after, limit: ROWS_AT_ONCE + 1 };
      const found: CallRow[] = await listCalls(db, page);
      const calls = found.slice(0, ROWS_AT_ONCE);
      const last = calls.at(-1);
      return {
        text: calls.map((call) => toLine(COLUMNS.map(([, of]) => of(call, owner)))).join(''),
        rows: calls.length,
        next:
          last && found.length > ROWS_AT_ONCE ? { startedAt: last.place, id: last.id } : undefined,
      };
    },
  };
}

/** The whole table; undefined when it is more than one answer can hold. @throws AppError 404 */
export async function tabulateCalls(
  db: Pool,
  number: string,
  query: z.output<typeof CallFilters>,
): Promise<string | undefined> {
  const table = await createTable(db, number, query);
  if ((await table.count(MOST_ROWS + 1)) > MOST_ROWS) return undefined;
  const parts = [tableHead()];
  let [after, bytes]: [CallPlace | undefined, number] = [undefined, 0];
  do {
    const piece: Piece = await table.read(after);
    parts.push(piece.text);
    bytes += Buffer.byteLength(piece.text);
    if (bytes > MOST_BYTES) return undefined;
    after = piece.next;
  } while (after);
  return parts.join('');
}

const named =
  (names: CallOwner['extensionNames']) =>
  (extension: string): string => {
    const name = names[extension];
    return name ? `${name} (${extension})` : extension;
  };

function nameOf(extension: string | null, names: CallOwner['extensionNames']): string | null {
  return extension && named(names)(extension);
}

export function toLine(cells: Cell[]): string {
  return `${cells.map(toCell).join(SEPARATOR)}\r\n`;
}

/** What begins like a formula would be run by Excel on the machine of whoever opens the table. */
function toCell(value: Cell): string {
  if (value === null) return '';
  const text = String(value);
  const safe = /^[\s]*[=+\-@|%]/.test(text) && typeof value === 'string' ? `'${text}` : text;
  return /[";\r\n\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
