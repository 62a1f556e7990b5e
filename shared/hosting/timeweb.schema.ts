import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { COMMON, Done, HOSTING, IdParams, notJson, timewebRefusals } from './fields.schema.ts';
import { Server } from './servers.schema.ts';

const MOST_IDS = 1_000;
const amount = z.number().nullable();

export const getTimewebStatus = {
  ...COMMON,
  method: 'GET',
  path: `${HOSTING}/timeweb/status`,
  summary: 'Whether there is a token; nothing is asked of Timeweb',
  answers: {
    200: {
      description: 'Whether',
      body: Done.extend({ configured: z.boolean(), message: z.string() }),
    },
    403: timewebRefusals[403],
  },
} as const satisfies Contract;

export const listTimewebServers = {
  ...COMMON,
  method: 'GET',
  path: `${HOSTING}/timeweb/servers`,
  summary: 'The servers that Timeweb has at this moment',
  answers: {
    200: {
      description: 'All of them',
      body: Done.extend({
        servers: z.array(
          z.object({
            timeweb_id: z.number(),
            name: z.string(),
            status: z.string().nullable(),
            configuration: z.string().nullable(),
            ip_address: z.string().nullable(),
            preset_id: z.number().nullable(),
            is_imported: z.boolean(),
          }),
        ),
        total: z.number(),
        imported_count: z.number(),
      }),
    },
    ...timewebRefusals,
  },
} as const satisfies Contract;

export const importServers = {
  ...COMMON,
  method: 'POST',
  path: `${HOSTING}/timeweb/import`,
  summary: 'Takes chosen servers of Timeweb in',
  body: z.object({
    server_ids: z.array(z.int().positive()).min(1).max(MOST_IDS).describe("Timeweb's ids"),
  }),
  answers: {
    200: {
      description: 'What was taken in, and what was not',
      body: Done.extend({
        imported: z.array(
          z.object({ server_id: z.number(), crm_id: z.number(), name: z.string() }),
        ),
        errors: z.array(z.object({ server_id: z.number(), error: z.string() })),
        imported_count: z.number(),
        error_count: z.number(),
      }),
    },
    ...notJson,
    ...timewebRefusals,
  },
} as const satisfies Contract;

export const syncAll = {
  ...COMMON,
  method: 'POST',
  path: `${HOSTING}/timeweb/sync-all`,
  summary: 'Reads all servers from Timeweb and brings ours up to date, in one transaction',
  body: z
    .object({
      auto_only: z
        .boolean()
        .default(false)
        .describe('Leaves rows with auto_sync off alone, as the schedule does: for the opening'),
    })
    .default({ auto_only: false }),
  answers: {
    200: {
      description: 'How many servers were read, are new, have changed, are gone upstream',
      body: Done.extend({
        synced: z.number(),
        created: z.number(),
        changed: z.number(),
        missing: z.number(),
        errors: z.array(z.object({ server_id: z.number(), error: z.string() })),
      }),
    },
    ...notJson,
    ...timewebRefusals,
  },
} as const satisfies Contract;

export const syncServer = {
  ...COMMON,
  method: 'POST',
  path: `${HOSTING}/server/{id}/sync`,
  summary: 'Reads one server from Timeweb',
  params: IdParams,
  answers: {
    200: {
      description: 'The server afterwards, and what has changed',
      body: Done.extend({
        server: Server,
        changes: z.array(
          z.object({ field: z.string(), old: z.string().nullable(), new: z.string().nullable() }),
        ),
      }),
    },
    ...timewebRefusals,
  },
} as const satisfies Contract;

export const getFinances = {
  ...COMMON,
  method: 'GET',
  path: `${HOSTING}/timeweb/finances`,
  summary: "The account's money at Timeweb at this moment",
  answers: {
    200: {
      description: 'The money',
      body: Done.extend({
        finances: z.object({
          balance: amount,
          currency: z.string(),
          days_left: amount.describe('Null: unknown, or nothing is spent'),
          is_low: z.boolean().describe('Less than 7 days are left'),
          hours_left: amount.describe("Timeweb's own figure"),
          hourly_cost: amount,
          hourly_fee: amount.describe('With discounts'),
          monthly_cost: amount,
          monthly_fee: amount.describe('With discounts'),
          discount_percent: amount,
          discount_end_date_at: z.string().nullable(),
          total_paid: amount,
          autopay_card_info: z.string().nullable(),
          is_blocked: z.boolean().nullable(),
        }),
      }),
    },
    ...timewebRefusals,
  },
} as const satisfies Contract;

export const timewebContracts: Contract[] = [
  getTimewebStatus,
  listTimewebServers,
  importServers,
  syncAll,
  syncServer,
  getFinances,
];
