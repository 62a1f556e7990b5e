import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { ErrorBody, ValidationErrorBody } from '../error.schema.ts';

const MOST_MONEY = 1_000_000_000;

export const HOSTING = '/admin/hosting/api';
export const COMMON = { auth: 'superadmin', cors: 'none' } as const satisfies Partial<Contract>;

export const refusals = {
  403: { description: 'Not logged in as a superadmin', body: ErrorBody },
  404: { description: 'There is no such thing', body: ErrorBody },
  422: { description: 'A field is missing or wrong', body: ValidationErrorBody },
} as const;
export const notJson = { 400: { description: 'The body is not JSON', body: ErrorBody } } as const;
export const timewebRefusals = {
  ...refusals,
  409: { description: 'There is no token, or the server is not from Timeweb', body: ErrorBody },
  502: { description: 'Timeweb is down, limited, or refuses; a plain sentence', body: ErrorBody },
} as const;

/** Ours; it fits the column. */
export const Id = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'must be a number')
  .transform(Number);
export const IdParams = z.object({ id: Id });

/** A text that may be cleared: an empty one is none. */
export const Text = (longest: number) =>
  z
    .string()
    .trim()
    .max(longest)
    .transform((text) => text || null)
    .nullable();
export const Name = z.string().trim().min(1, 'must not be empty').max(200);
export const Money = z
  .number()
  .min(0)
  .max(MOST_MONEY)
  .transform((roubles) => Math.round(roubles * 100) / 100);
export const Day = z.iso
  .date({ abort: true })
  .refine((text) => /^20\d\d/.test(text), 'must be in this century');

export const Cursor = z.string().max(600).optional();
export const Limit = (usual: number, most: number) =>
  z.coerce.number().int().min(1).max(most).default(usual);
export const paged = <Schema extends z.ZodType>(items: Schema) =>
  z.object({ items: z.array(items), next_cursor: z.string().nullable() });
export const Done = z.object({ success: z.literal(true) });
