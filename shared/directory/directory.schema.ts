import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { EnterpriseParams, enterpriseRefusals } from '../enterprise.schema.ts';
import { ErrorBody } from '../error.schema.ts';

const MOST_ENTRIES = 2_000;

const Name = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(100)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters');

const Mobile = z
  .string()
  .regex(/^[-+() \d]*$/, 'must be a phone number')
  .transform((text) => text.replaceAll(/\D/g, ''))
  .pipe(z.string().regex(/^\d{6,15}$/, 'must be a phone number'));

const telegramId = z.int().positive();

/** An employee: who rings under this number. */
const Extension = z
  .object({
    extension: z.string().regex(/^\d{1,5}$/, 'must be one to five digits'),
    name: Name.nullable().default(null),
    mobile: Mobile.nullable().default(null).describe('Digits'),
    telegram_id: telegramId
      .nullable()
      .default(null)
      .describe('Their account, by which a press of the call-back button is known'),
  })
  .meta({ id: 'Extension' });

/** An outside line. */
const Line = z
  .object({ line: z.string().regex(/^\d{1,15}$/, 'must be digits'), name: Name })
  .meta({ id: 'Line' });

export type Extension = z.output<typeof Extension>;
export type Line = z.output<typeof Line>;

const Extensions = z
  .array(Extension)
  .max(MOST_ENTRIES)
  .superRefine(once('extension', 'telegram_id'));
const Lines = z.array(Line).max(MOST_ENTRIES).superRefine(once('line'));

/** Each value at most once in the list; none may be missing many times. */
function once<Key extends string>(...keys: Key[]) {
  return (rows: { [K in Key]: unknown }[], context: z.RefinementCtx) => {
    for (const key of keys) {
      const seen = new Set<unknown>();
      for (const [index, { [key]: value }] of rows.entries()) {
        if (value === null) continue;
        if (seen.has(value)) {
          context.addIssue({ code: 'custom', path: [index, key], message: 'is there twice' });
        }
        seen.add(value);
      }
    }
  };
}

const COMMON = { auth: 'enterprise', cors: 'none', params: EnterpriseParams } as const;
const notJson = { description: 'The body is not JSON', body: ErrorBody };

const listed = <Schema extends z.ZodType>(items: Schema) =>
  z.object({ items, next_cursor: z.null() });

export const getExtensions = {
  ...COMMON,
  method: 'GET',
  path: '/enterprise/{number}/extensions',
  summary: 'The employees, all of them',
  answers: { 200: { description: 'By number', body: listed(Extensions) }, ...enterpriseRefusals },
} as const satisfies Contract;

export const putExtensions = {
  ...COMMON,
  method: 'PUT',
  path: '/enterprise/{number}/extensions',
  summary: 'Replaces the list of employees',
  audit: 'own',
  body: z.object({ items: Extensions }),
  answers: {
    200: { description: 'As stored', body: listed(Extensions) },
    400: notJson,
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const getLines = {
  ...COMMON,
  method: 'GET',
  path: '/enterprise/{number}/lines',
  summary: 'The lines, all of them',
  answers: { 200: { description: 'By number', body: listed(Lines) }, ...enterpriseRefusals },
} as const satisfies Contract;

export const putLines = {
  ...COMMON,
  method: 'PUT',
  path: '/enterprise/{number}/lines',
  summary: 'Replaces the list of lines',
  audit: 'own',
  body: z.object({ items: Lines }),
  answers: {
    200: { description: 'As stored', body: listed(Lines) },
    400: notJson,
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const directoryContracts: Contract[] = [getExtensions, putExtensions, getLines, putLines];
