import * as z from 'zod';

import type { Contract } from '../contract.ts';
import {
  COMMON,
  Cursor,
  Day,
  Done,
  HOSTING,
  Id,
  IdParams,
  Limit,
  Money,
  Name,
  notJson,
  paged,
  refusals,
  Text,
} from './fields.schema.ts';
import { PAYMENT_PERIODS, STATUSES } from './hosting.ts';

const Time = z.iso.datetime();
const amount = z.number().nullable();

export const Server = z
  .object({
    id: z.number(),
    project_id: z.number().nullable(),
    project_name: z.string().nullable(),
    client_name: z.string().nullable(),
    client_company: z.string().nullable(),
    client_telegram_id: z.number().nullable(),
    server_name: z.string(),
    configuration: z.string().nullable(),
    ip_address: z.string().nullable(),
    cost_price: amount.describe('Roubles a month; null: unknown'),
    client_price: amount.describe('Roubles a month; null: unknown'),
    service_fee: z.number().describe('Roubles a month'),
    margin: amount.describe('client_price + service_fee - cost_price; null: unknown'),
    start_date: z.string().nullable(),
    next_payment_date: z.string().nullable(),
    payment_period: z.enum(PAYMENT_PERIODS),
    payment_amount: amount.describe('What one payment period costs the client'),
    status: z.enum(STATUSES),
    timeweb_id: z.number().nullable(),
    timeweb_status: z.string().nullable(),
    timeweb_preset_id: z.number().nullable(),
    timeweb_data: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('What Timeweb said, without passwords'),
    auto_sync: z.boolean(),
    last_sync_at: Time.nullable(),
    missing_since: Time.nullable().describe('Since when Timeweb has it no more'),
    notes: z.string().nullable(),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'HostingServer' });
export type Server = z.output<typeof Server>;

const LastSync = z.object({
  kind: z.enum(['schedule', 'admin']),
  started_at: Time,
  finished_at: Time,
  result: z.enum(['done', 'failed']),
  error: z.string().nullable().describe('A plain sentence'),
  synced: amount,
  created: amount,
  changed: amount,
  missing: amount,
});

const Fields = z.object({
  project_id: z.int().positive().nullable(),
  client_name: Text(200),
  client_company: Text(200),
  client_telegram_id: z.int().nullable(),
  server_name: Name,
  configuration: Text(300),
  ip_address: z.union([z.ipv4(), z.ipv6()], 'must be an IP address').nullable(),
  cost_price: Money.nullable(),
  client_price: Money.nullable(),
  service_fee: Money,
  start_date: Day.nullable(),
  next_payment_date: Day.nullable(),
  payment_period: z.enum(PAYMENT_PERIODS),
  status: z.enum(STATUSES),
  notes: Text(5_000),
});

export const NewServer = Fields.partial().required({ server_name: true });
export const ServerPatch = Fields.partial().extend({
  auto_sync: z.boolean().optional().describe('Only of a server that Timeweb has'),
});
export type NewServer = z.output<typeof NewServer>;
export type ServerPatch = z.output<typeof ServerPatch>;

const one = { description: 'The server', body: Done.extend({ server: Server }) };

export const listServers = {
  ...COMMON,
  method: 'GET',
  path: `${HOSTING}/servers`,
  summary: 'The stored servers by name, and how the last sync went; nothing is asked of Timeweb',
  query: z.object({
    q: z.string().trim().max(100).optional().describe('In name, client, company or IP'),
    status: z.enum(STATUSES).optional(),
    project_id: Id.optional(),
    client: z.string().trim().max(200).optional(),
    missing: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .optional(),
    cursor: Cursor,
    limit: Limit(50, 500),
  }),
  answers: {
    200: {
      description: 'A page',
      body: paged(Server).extend({ last_sync: LastSync.nullable() }),
    },
    ...refusals,
  },
} as const satisfies Contract;

export const createServer = {
  ...COMMON,
  method: 'POST',
  path: `${HOSTING}/server`,
  summary: 'Adds a server by hand; it is not from Timeweb and is not synced',
  body: NewServer,
  answers: { 200: one, ...notJson, ...refusals },
} as const satisfies Contract;

export const getServer = {
  ...COMMON,
  method: 'GET',
  path: `${HOSTING}/server/{id}`,
  summary: 'One server as it is stored',
  params: IdParams,
  answers: { 200: one, ...refusals },
} as const satisfies Contract;

export const patchServer = {
  ...COMMON,
  method: 'PATCH',
  path: `${HOSTING}/server/{id}`,
  summary: 'Changes what is sent; null clears',
  params: IdParams,
  body: ServerPatch,
  answers: { 200: one, ...notJson, ...refusals },
} as const satisfies Contract;

export const deleteServer = {
  ...COMMON,
  method: 'DELETE',
  path: `${HOSTING}/server/{id}`,
  summary: 'Takes a server off the page; payments stay, an import brings it back',
  params: IdParams,
  answers: { 200: { description: 'It is gone', body: Done }, ...refusals },
} as const satisfies Contract;

const Change = z.object({
  id: z.number(),
  field: z.string(),
  old: z.string().nullable(),
  new: z.string().nullable(),
  source: z.enum(['sync', 'payments', 'admin']),
  changed_at: Time,
});

export const listChanges = {
  ...COMMON,
  method: 'GET',
  path: `${HOSTING}/server/{id}/changes`,
  summary: 'The history of a server, newest first',
  params: IdParams,
  query: z.object({ cursor: Cursor, limit: Limit(50, 200) }),
  answers: { 200: { description: 'A page', body: paged(Change) }, ...refusals },
} as const satisfies Contract;

const Sums = z.object({
  servers: z.number(),
  cost: amount.describe('Roubles a month; the sum of what is known, null when nothing is'),
  revenue: amount,
  margin: amount.describe('Of the servers of which both cost and price are known'),
  unknown_cost: z.number().describe('Servers whose cost is unknown'),
  unknown_price: z.number(),
});

export const getStats = {
  ...COMMON,
  method: 'GET',
  path: `${HOSTING}/stats`,
  summary: 'Cost, revenue and margin: now, month by month, client by client',
  query: z.object({ months: Limit(12, 36).describe('How many, this one included') }),
  answers: {
    200: {
      description: 'The figures',
      body: Done.extend({
        total: Sums,
        statuses: z.object({
          active: z.number(),
          overdue: z.number(),
          suspended: z.number(),
          closed: z.number(),
          missing: z.number(),
        }),
        months: z
          .array(
            Sums.extend({
              month: z.string().describe('2026-11'),
              received: z.number().describe('What clients paid in it'),
            }),
          )
          .describe('Oldest first'),
        clients: z.array(Sums.extend({ client: z.string().nullable() })),
      }),
    },
    ...refusals,
  },
} as const satisfies Contract;

export const serverContracts: Contract[] = [
  listServers,
  createServer,
  getServer,
  patchServer,
  deleteServer,
  listChanges,
  getStats,
];
