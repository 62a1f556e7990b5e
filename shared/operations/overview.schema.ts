import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { EnterpriseParams, enterpriseRefusals } from '../enterprise.schema.ts';
import { ErrorBody, ValidationErrorBody } from '../error.schema.ts';

const Time = z.iso.datetime();

const Counted = z.object({
  total: z.number(),
  incoming: z.number(),
  outgoing: z.number(),
  internal: z.number(),
  answered: z.number().describe('Somebody talked with the client; internal calls are not counted'),
  missed: z
    .number()
    .describe('Incoming calls that nobody answered, or that were lost in a transfer'),
});

const Attention = z.object({
  kind: z.enum([
    'integration_paused',
    'integration_errors',
    'telegram_paused',
    'dead_letters',
    'job_failed',
    'box_unseen',
    'host_key_changed',
    'low_balance',
    'storage_unreachable',
  ]),
  enterprise_number: z.string().nullable(),
  enterprise_name: z.string().nullable(),
  item: z
    .string()
    .nullable()
    .describe('The integration, the queue or the schedule; of a balance how many days it lasts'),
  reason: z.string().nullable(),
  since: Time.nullable(),
  page: z
    .enum(['integrations', 'enterprises', 'services', 'box', 'hosting'])
    .describe('Where in the admin it is seen and set right'),
});
export type Attention = z.output<typeof Attention>;

export const Overview = z
  .object({
    date: z.iso.date(),
    timezone: z.string(),
    calls: Counted.extend({
      live: z.number().describe('Now'),
      by_hour: z.array(Counted.extend({ at: Time })).describe('Hours with calls only'),
    }),
    deliveries: z.object({
      total_events: z.number(),
      success_rate: z.number(),
      integrations: z.record(
        z.string(),
        z.object({
          events: z.number(),
          errors: z.number(),
          p95_ms: z.number().nullable(),
          paused: z.number(),
        }),
      ),
    }),
    attention: z.array(Attention),
  })
  .meta({ id: 'Overview' });
export type Overview = z.output<typeof Overview>;

export const getOverview = {
  method: 'GET',
  path: '/enterprise/{number}/overview',
  summary: 'Today in figures, on the clock of the enterprise, and what needs attention',
  auth: 'enterprise',
  cors: 'none',
  params: EnterpriseParams,
  answers: { 200: { description: 'Today', body: Overview }, ...enterpriseRefusals },
} as const satisfies Contract;

export const getAllOverview = {
  method: 'GET',
  path: '/admin/overview',
  summary: 'Today in figures for all enterprises, and what needs attention',
  auth: 'superadmin',
  cors: 'none',
  query: z.object({
    timezone: z
      .string()
      .max(64)
      .default('Europe/Minsk')
      .describe('Whose day; one nobody knows counts as the default'),
  }),
  answers: {
    200: { description: 'Today', body: Overview },
    403: { description: 'Not a superadmin', body: ErrorBody },
    422: { description: 'Not a time zone', body: ValidationErrorBody },
  },
} as const satisfies Contract;

export const overviewContracts: Contract[] = [getOverview, getAllOverview];
