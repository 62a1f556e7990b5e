import type { ParseKeys } from 'i18next';

import type { Extension, Line } from '../../../../../shared/directory/directory.schema.ts';

export type Kind = 'extensions' | 'lines';

/** An employee or a line as it stands in a form: text, empty where there is nothing. */
export type Entry = { number: string; name: string; mobile: string; telegram: string };
export type FieldName = keyof Entry;

export const FIELDS = {
  extensions: ['number', 'name', 'mobile', 'telegram'],
  lines: ['number', 'name'],
} as const satisfies Record<Kind, readonly FieldName[]>;

export const LABELS = {
  extensions: {
    number: 'directory.fields.extension',
    name: 'directory.fields.name',
    mobile: 'directory.fields.mobile',
    telegram: 'directory.fields.telegram',
  },
  lines: {
    number: 'directory.fields.line',
    name: 'directory.fields.lineName',
    mobile: 'directory.fields.mobile',
    telegram: 'directory.fields.telegram',
  },
} as const satisfies Record<Kind, Record<FieldName, ParseKeys>>;

export const NOTHING: Entry = { number: '', name: '', mobile: '', telegram: '' };

export const fromExtension = ({ extension, name, mobile, telegram_id: id }: Extension): Entry => ({
  number: extension,
  name: name ?? '',
  mobile: mobile ?? '',
  telegram: id === null ? '' : String(id),
});
export const toExtension = ({ number, name, mobile, telegram }: Entry) => ({
  extension: number,
  name: name || null,
  mobile: mobile || null,
  telegram_id: telegram === '' ? null : Number(telegram),
});
export const fromLine = ({ line, name }: Line): Entry => ({ ...NOTHING, number: line, name });
export const toLine = ({ number, name }: Entry): Line => ({ line: number, name });

const PATTERNS: Record<Kind, Record<FieldName, RegExp>> = {
  extensions: {
    number: /^\d{1,5}$/,
    name: /^\P{Cc}{0,100}$/u,
    mobile: /^$|^(?=(\D*\d){6,15}\D*$)[-+() \d]*$/,
    telegram: /^$|^[1-9]\d{0,14}$/,
  },
  lines: { number: /^\d{1,15}$/, name: /^\P{Cc}{1,100}$/u, mobile: /^$/, telegram: /^$/ },
};

/** The fields that the API would refuse. */
export const wrongFields = (kind: Kind, entry: Entry): FieldName[] =>
  FIELDS[kind].filter((field) => !PATTERNS[kind][field].test(entry[field]));

/** Each in the place of the one with its number, or at the end: the API sorts. */
export function withEntries(entries: Entry[], changed: Entry[]): Entry[] {
  const byNumber = new Map([...entries, ...changed].map((entry) => [entry.number, entry]));
  return [...byNumber.values()];
}

export const without = (entries: Entry[], number: string): Entry[] =>
  entries.filter((entry) => entry.number !== number);

export type Pasted = { entries: Entry[]; wrong: { line: number; text: string }[] };

/** Rows copied from a table or a CSV file: number; name; mobile; Telegram. A line of titles on top is passed over. */
export function readPasted(kind: Kind, text: string): Pasted {
  const pasted: Pasted = { entries: [], wrong: [] };
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (raw.trim() === '') continue;
    const cells = raw.split(raw.includes('\t') ? '\t' : raw.includes(';') ? ';' : ',').map(toCell);
    const entry = { ...NOTHING };
    for (const [place, field] of FIELDS[kind].entries()) entry[field] = cells[place] ?? '';
    if (index === 0 && /^\D+$/.test(entry.number)) continue;
    const isWrong = wrongFields(kind, entry).length > 0;
    if (isWrong) pasted.wrong.push({ line: index + 1, text: raw });
    else pasted.entries.push(entry);
  }
  pasted.entries = withEntries([], pasted.entries);
  return pasted;
}

const toCell = (cell: string): string =>
  cell
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .replaceAll('""', '"');
