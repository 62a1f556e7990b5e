import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { ErrorBody, ValidationErrorBody } from '../error.schema.ts';

export const KEY_SCOPES = ['chats:read', 'chats:write'] as const;
const Scope = z.enum(KEY_SCOPES);
export type KeyScope = z.output<typeof Scope>;

const Time = z.iso.datetime();

export const ApiKey = z
  .object({
    id: z.uuid(),
    name: z.string(),
    prefix: z.string().describe('How the key begins'),
    scopes: z.array(Scope),
    created_by: z.string().nullable(),
    created_at: Time,
    last_used_at: Time.nullable().describe('To the minute'),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.output<typeof ApiKey>;

const COMMON = { auth: 'superadmin', cors: 'none' } as const;
const forbidden = { description: 'Not a superadmin', body: ErrorBody };
const invalid = { description: 'A field is missing or wrong', body: ValidationErrorBody };

export const listKeys = {
  ...COMMON,
  method: 'GET',
  path: '/api/keys',
  summary: 'The keys of programs, without what opens',
  answers: {
    200: {
      description: 'All of them, newest first',
      body: z.object({ items: z.array(ApiKey), next_cursor: z.null() }),
    },
    403: forbidden,
  },
} as const satisfies Contract;

export const createKey = {
  ...COMMON,
  method: 'POST',
  path: '/api/keys',
  summary: 'Makes a key, which is shown this once',
  audit: 'own',
  body: z.object({
    name: z.string().trim().min(1).max(100),
    scopes: z
      .array(Scope)
      .min(1)
      .transform((scopes) => [...new Set(scopes)]),
  }),
  answers: {
    201: { description: 'Made', body: ApiKey.extend({ key: z.string() }) },
    400: { description: 'The body is not JSON', body: ErrorBody },
    403: forbidden,
    422: invalid,
  },
} as const satisfies Contract;

export const deleteKey = {
  ...COMMON,
  method: 'DELETE',
  path: '/api/keys/{id}',
  summary: 'Ends a key at once',
  audit: 'own',
  params: z.object({ id: z.uuid() }),
  answers: {
    200: { description: 'Ended', body: z.object({ success: z.literal(true) }) },
    403: forbidden,
    404: { description: 'There is no such key', body: ErrorBody },
    422: invalid,
  },
} as const satisfies Contract;

export const keyContracts: Contract[] = [listKeys, createKey, deleteKey];
