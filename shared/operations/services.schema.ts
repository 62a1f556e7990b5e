import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { ErrorBody, ValidationErrorBody } from '../error.schema.ts';

const Time = z.iso.datetime();

const Run = z.object({
  id: z.string(),
  started_at: Time,
  finished_at: Time.nullable().describe('Null: it runs, or was cut off'),
  ok: z.boolean().nullable().describe('Null: not known yet'),
  result: z.string().nullable(),
  counts: z.record(z.string(), z.number()),
});

export const Services = z
  .object({
    version: z.string(),
    functions: z.array(
      z.object({
        name: z.string(),
        description: z.string(),
        triggers: z.array(z.string()).describe('"GET /health", "queue calls", "rate(1 minute)" …'),
      }),
    ),
    queues: z.array(
      z.object({
        name: z.string(),
        function: z.string().describe('Who works on it'),
        depth: z
          .number()
          .nullable()
          .describe('About how many messages wait; null: cannot be asked'),
        in_flight: z.number().nullable(),
        oldest_seconds: z
          .number()
          .nullable()
          .describe('How long the oldest work has been due, by its rows; null: no rows tell'),
        dead_letters: z.number().nullable(),
        problem: z.string().nullable(),
      }),
    ),
    schedules: z.array(
      z.object({
        name: z.string(),
        description: z.string(),
        rate: z.string(),
        last_run: Run.nullable(),
        last_failure: Run.nullable().describe('Within the last 90 days'),
      }),
    ),
    boxes: z.array(
      z.object({
        enterprise_number: z.string(),
        name: z.string(),
        last_event_at: Time.nullable().describe('When it last told of a call'),
        checked_at: Time.nullable().describe('When it was looked at; null: it never was'),
        last_seen_at: Time.nullable().describe('When it last answered'),
        problem: z.string().nullable().describe('Why it did not answer'),
        asterisk: z.string().nullable().describe('Its version'),
        channels: z.number().nullable(),
        latency_ms: z.number().nullable(),
        clock_difference_ms: z.number().nullable().describe("The box's clock minus ours"),
        host_key_changed: z.boolean().describe('It shows another key than the one that is known'),
      }),
    ),
    database: z.object({
      state: z.enum(['connected', 'slow']),
      answer_ms: z.number(),
      version: z.string(),
      size_bytes: z.number(),
      connections: z.object({ used: z.number(), most: z.number() }),
    }),
    storage: z
      .object({ state: z.enum(['connected', 'unreachable']), problem: z.string().nullable() })
      .nullable()
      .describe('Null: not configured'),
  })
  .meta({ id: 'Services' });
export type Services = z.output<typeof Services>;

const COMMON = { auth: 'superadmin', cors: 'none' } as const;
const forbidden = { description: 'Not a superadmin', body: ErrorBody };
const invalid = { description: 'Not a name', body: ValidationErrorBody };
const Named = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be a name');

export const getServices = {
  ...COMMON,
  method: 'GET',
  path: '/admin/services',
  summary: 'How everything that runs is',
  answers: { 200: { description: 'Now', body: Services }, 403: forbidden },
} as const satisfies Contract;

export const redriveQueue = {
  ...COMMON,
  method: 'POST',
  path: '/admin/services/{queue}/redrive',
  summary: 'Puts the dead letters of a queue back on it',
  audit: 'own',
  params: z.object({ queue: Named }),
  answers: {
    202: {
      description: 'The first of them are back; the job does the rest',
      body: z.object({ job_id: z.uuid() }),
    },
    403: forbidden,
    404: { description: 'There is no such queue', body: ErrorBody },
    422: invalid,
  },
} as const satisfies Contract;

export const runSchedule = {
  ...COMMON,
  method: 'POST',
  path: '/admin/services/{job}/run',
  summary: 'Runs a scheduled function now; its last_run shows what came of it',
  audit: 'own',
  params: z.object({ job: Named }),
  answers: {
    202: { description: 'Begun', body: z.object({ success: z.literal(true), job: z.string() }) },
    403: forbidden,
    404: { description: 'There is no such schedule', body: ErrorBody },
    422: invalid,
    502: { description: 'It could not be started', body: ErrorBody },
  },
} as const satisfies Contract;

export const serviceContracts: Contract[] = [getServices, redriveQueue, runSchedule];
