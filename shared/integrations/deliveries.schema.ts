import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { INTEGRATION_TYPES, STEPS } from '../crm/crm.schema.ts';
import { DateOrTime } from '../date-or-time.schema.ts';
import { EnterpriseParams, enterpriseRefusals } from '../enterprise.schema.ts';
import { ErrorBody } from '../error.schema.ts';

const LONGEST_PAGE = 200;
const MOST_IDS = 500;
const Time = z.iso.datetime();
const Id = z.string().regex(/^\d{1,18}$/, 'must be a number');

export const DELIVERY_STATES = [
  'pending',
  'sending',
  'delivered',
  'retrying',
  'parked',
  'skipped',
  'failed',
  'expired',
] as const;

const Cursor = z.string().max(300).optional();
const Limit = (usual: number) => z.coerce.number().int().min(1).max(LONGEST_PAGE).default(usual);
const Period = {
  from: DateOrTime.optional().describe('Made at or after this; of a date its first moment'),
  to: DateOrTime.optional().describe('Made at or before this; of a date its last moment'),
};
const Call = z.string().trim().min(1).max(100);

export const LogFilters = z.object({
  type: z.enum(INTEGRATION_TYPES).optional(),
  status: z.enum(['success', 'error', 'pending']).optional(),
  event: z.string().max(50).optional().describe('A step of a call, register or test'),
  call: Call.optional().describe('Unique id of the call'),
  ...Period,
});

const LogEntry = z
  .object({
    id: z.string(),
    enterprise_number: z.string(),
    integration_type: z.string(),
    event_type: z.string(),
    call_unique_id: z.string().nullable(),
    phone_number: z.string().nullable(),
    internal_extension: z.string().nullable(),
    request_data: z.unknown().describe('What was said, secrets masked, at most 16 KB'),
    response_data: z.unknown().describe('What was heard'),
    status: z.enum(['success', 'error', 'pending']),
    error_message: z.string().nullable(),
    response_time_ms: z.number().nullable(),
    delivery_id: z.string().nullable(),
    attempt: z.number().nullable(),
    http_status: z.number().nullable(),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'IntegrationLogEntry' });
export type LogEntry = z.output<typeof LogEntry>;

export const DeliveryFilters = z.object({
  integration: z.enum(INTEGRATION_TYPES).optional(),
  state: z.enum(DELIVERY_STATES).optional(),
  step: z.enum(STEPS).optional(),
  call: Call.optional().describe('Unique id of the call, or its id'),
  ...Period,
});

export const Delivery = z
  .object({
    id: z.string(),
    integration: z.string(),
    step: z.enum(STEPS),
    round: z.number(),
    state: z.enum(DELIVERY_STATES),
    reason: z.string().nullable(),
    attempts: z.number(),
    call_id: z.uuid().nullable().describe('Null when a chat owes it'),
    call_unique_id: z.string().nullable(),
    chat_id: z.uuid().nullable(),
    chat_number: z.string().nullable(),
    phone: z.string().nullable(),
    extensions: z.array(z.string()),
    due_at: Time,
    next_attempt_at: Time.nullable().describe('Null when nothing more is planned'),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'Delivery' });
export type Delivery = z.output<typeof Delivery>;

const COMMON = { auth: 'enterprise', cors: 'none' } as const satisfies Partial<Contract>;
const paged = <Schema extends z.ZodType>(items: Schema) =>
  z.object({ items: z.array(items), next_cursor: z.string().nullable() });

export const listLogs = {
  ...COMMON,
  method: 'GET',
  path: '/enterprise/{number}/integrations/logs',
  summary:
    'What was said to CRMs, newest first: an array, or pages when a cursor (even empty) is sent',
  params: EnterpriseParams,
  query: LogFilters.extend({ cursor: Cursor, limit: Limit(100) }),
  answers: {
    200: { description: 'Newest first', body: z.union([z.array(LogEntry), paged(LogEntry)]) },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const listDeliveries = {
  ...COMMON,
  method: 'GET',
  path: '/enterprise/{number}/deliveries',
  summary: 'What calls owe to CRMs or have paid, newest first',
  params: EnterpriseParams,
  query: DeliveryFilters.extend({ cursor: Cursor, limit: Limit(50) }),
  answers: { 200: { description: 'A page', body: paged(Delivery) }, ...enterpriseRefusals },
} as const satisfies Contract;

export const getDelivery = {
  ...COMMON,
  method: 'GET',
  path: '/enterprise/{number}/deliveries/{id}',
  summary: 'A delivery with all its attempts',
  params: EnterpriseParams.extend({ id: Id }),
  answers: {
    200: {
      description: 'The delivery',
      body: Delivery.extend({
        history: z.array(LogEntry).describe('The attempts, oldest first, the last 100'),
      }),
    },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

const ReplayFilter = z.strictObject({
  states: z
    .array(z.enum(['failed', 'parked', 'expired', 'skipped', 'retrying']))
    .min(1)
    .default(['failed', 'parked']),
  integration: z.enum(INTEGRATION_TYPES).optional(),
  step: z.enum(STEPS).optional(),
  ...Period,
});
export type ReplayFilter = z.output<typeof ReplayFilter>;

const Replay = z
  .strictObject({
    ids: z.array(Id).min(1).max(MOST_IDS).optional(),
    filter: ReplayFilter.optional(),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    message: 'either ids or filter',
    path: ['ids'],
  });

export const replayDeliveries = {
  ...COMMON,
  method: 'POST',
  path: '/enterprise/{number}/deliveries/replay',
  summary: 'Sends deliveries again: these at once, or all that fit a filter as a job',
  audit: 'own',
  params: EnterpriseParams,
  body: Replay,
  answers: {
    200: {
      description: 'They go out now, each call in its order',
      body: z.object({
        success: z.literal(true),
        replayed: z.number(),
        left: z
          .array(z.object({ id: z.string(), reason: z.string() }))
          .describe('What is not sent again, and why'),
      }),
    },
    202: {
      description: 'The first of them go out now; the job does the rest',
      body: z.object({ job_id: z.uuid() }),
    },
    400: { description: 'The body is not JSON', body: ErrorBody },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const getJob = {
  method: 'GET',
  path: '/api/jobs/{id}',
  auth: 'session',
  cors: 'none',
  summary: 'How far a long piece of work has come',
  params: z.object({ id: z.uuid() }),
  answers: {
    200: {
      description: 'The job',
      body: z.object({
        id: z.uuid(),
        kind: z.string(),
        state: z.enum(['running', 'done', 'failed']),
        progress: z.object({ done: z.number(), total: z.number().nullable() }),
        result: z.record(z.string(), z.unknown()).nullable(),
        error: z.string().nullable(),
        created_at: Time,
        finished_at: Time.nullable(),
      }),
    },
    403: { description: 'Not logged in', body: ErrorBody },
    404: { description: 'There is no such job, or it is of another enterprise', body: ErrorBody },
    422: { description: 'Not an id', body: ErrorBody },
  },
} as const satisfies Contract;

const Stats = z
  .object({
    total_events: z.number().describe('Attempts that have ended'),
    success_rate: z.number().describe('Per cent, one decimal; 100 when nothing was tried'),
    integrations: z.record(
      z.string(),
      z.object({
        events: z.number(),
        errors: z.number(),
        p95_ms: z.number().nullable(),
        paused: z.number().describe('Integrations of this type that are paused now'),
      }),
    ),
    series: z.array(z.object({ at: Time, events: z.number(), errors: z.number() })),
  })
  .meta({ id: 'IntegrationStats' });
export type Stats = z.output<typeof Stats>;

const statsQuery = z.object({
  from: DateOrTime.optional().describe('The last 24 hours when absent'),
  to: DateOrTime.optional(),
});

export const getStats = {
  ...COMMON,
  method: 'GET',
  path: '/enterprise/{number}/integrations/stats',
  summary: 'How deliveries went: at most 31 days',
  params: EnterpriseParams,
  query: statsQuery,
  answers: { 200: { description: 'Figures', body: Stats }, ...enterpriseRefusals },
} as const satisfies Contract;

export const getAllStats = {
  method: 'GET',
  path: '/admin/integrations/stats',
  auth: 'superadmin',
  cors: 'none',
  summary: 'How deliveries of all enterprises went: at most 31 days; dates are UTC',
  query: statsQuery,
  answers: {
    200: { description: 'Figures', body: Stats },
    403: enterpriseRefusals[403],
    422: enterpriseRefusals[422],
  },
} as const satisfies Contract;

export const deliveryContracts: Contract[] = [
  listLogs,
  listDeliveries,
  getDelivery,
  replayDeliveries,
  getJob,
  getStats,
  getAllStats,
];
