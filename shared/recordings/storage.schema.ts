import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { ErrorBody } from '../error.schema.ts';

const Totals = { files: z.number(), size_gb: z.number(), traffic_gb: z.number() };

export const StorageUsage = z
  .object({
    total_files: z.number(),
    total_size_gb: z.number(),
    included: z.object({
      storage_tb: z.number(),
      traffic_tb: z.number(),
      storage_left_gb: z.number(),
      traffic_left_gb: z.number(),
    }),
    estimated_cost_eur: z.number(),
    traffic_gb: z.number().describe('Opens times size: an estimate'),
    traffic_is_estimated: z.literal(true),
    share_of_limits: z.object({ objects: z.number(), size: z.number() }),
    by_enterprise: z.array(
      z.object({ enterprise_number: z.string(), name: z.string(), ...Totals }),
    ),
    by_month: z.array(z.object({ month: z.string(), ...Totals })),
    orphans: z
      .object({
        total: z.number(),
        items: z.array(
          z.object({
            key: z.string(),
            kind: z.string(),
            enterprise_number: z.string().nullable(),
            size: z.number(),
            found_at: z.iso.datetime(),
          }),
        ),
      })
      .describe('Objects without a row and rows without an object, as far as nights have compared'),
  })
  .meta({ id: 'StorageUsage' });

const ADMIN = { auth: 'superadmin', cors: 'none' } as const satisfies Partial<Contract>;
const refusals = { 403: { description: 'Not a superadmin', body: ErrorBody } } as const;

export const getStorageUsage = {
  ...ADMIN,
  method: 'GET',
  path: '/admin/storage/usage',
  summary: 'What the recordings take, and what that costs',
  answers: { 200: { description: 'Of our own rows', body: StorageUsage }, ...refusals },
} as const satisfies Contract;

export const checkStorageRoute = {
  ...ADMIN,
  method: 'POST',
  path: '/admin/storage/check',
  summary: 'Tries everything that recordings need of the storage',
  answers: {
    200: {
      description: 'Each step with what came of it',
      body: z.object({
        ok: z.boolean(),
        message: z.string(),
        steps: z.array(
          z.object({
            step: z.string(),
            ok: z.boolean(),
            detail: z.string().nullable(),
            hint: z.string().nullable(),
            took_ms: z.number(),
          }),
        ),
      }),
    },
    ...refusals,
  },
} as const satisfies Contract;

export const storageContracts: Contract[] = [getStorageUsage, checkStorageRoute];
