import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { DateOrTime } from '../date-or-time.schema.ts';
import { EnterpriseParams, enterpriseRefusals } from '../enterprise.schema.ts';
import { END_STATUSES, LIVE_STATUSES } from './call.ts';

const LONGEST_PAGE = 200;
const Status = z.enum([...LIVE_STATUSES, ...END_STATUSES]);
const Direction = z.enum(['in', 'out', 'internal']);
const Time = z.iso.datetime();

const digitsOf = (text: string): string => text.replaceAll(/\D/g, '');

export const CallFilters = z.object({
  from: DateOrTime.optional().describe('Started at or after this; of a date its first moment'),
  to: DateOrTime.optional().describe('Started at or before this; of a date its last moment'),
  phone: z
    .string()
    .regex(/^(?=(\D*\d){2})[-+() \d]{2,32}$/, 'must be a phone number')
    .optional()
    .describe('The outside number in any notation. From 7 digits on its last digits will do'),
  extension: z
    .string()
    .regex(/^\d{1,15}$/, 'must be digits')
    .optional()
    .describe('Somebody who rang, talked, called or was asked'),
  direction: z
    .enum([...Direction.options, 'incoming', 'outgoing'])
    .optional()
    .describe('incoming and outgoing are other words for in and out'),
  status: Status.optional(),
  source: z.enum(['live', 'downloaded']).optional(),
});

/** Filters as the database wants them. */
export function toCallFilters(query: z.output<typeof CallFilters>) {
  const { phone, direction } = query;
  const directions = {
    incoming: 'in',
    outgoing: 'out',
    in: 'in',
    out: 'out',
    internal: 'internal',
  };
  return {
    ...query,
    phone: phone && digitsOf(phone),
    direction: direction && directions[direction],
  };
}

export const CallItem = z
  .object({
    id: z.uuid(),
    unique_id: z.string().describe('Unique id of the main channel'),
    direction: Direction,
    status: Status,
    phone: z.string().nullable().describe('Digits; null when hidden or when the call is internal'),
    line: z.string().nullable(),
    caller: z.string().nullable().describe('Of an internal call: who called'),
    ringing: z.array(z.string()),
    rang: z.array(z.string()),
    first_answered_by: z.string().nullable(),
    last_talked_by: z.string().nullable(),
    transfer_from: z.string().nullable(),
    transfer_to: z.string().nullable(),
    click_to_call: z.boolean(),
    source: z.enum(['live', 'downloaded']),
    started_at: Time,
    answered_at: Time.nullable(),
    ended_at: Time.nullable(),
    wait_seconds: z.number().nullable(),
    talk_seconds: z.number().nullable(),
  })
  .meta({ id: 'Call' });

export const CallDetail = CallItem.extend({
  talkers: z.array(
    z.object({
      extension: z.string(),
      from: Time,
      to: Time.nullable().describe('Null: still talks'),
    }),
  ),
  events: z
    .array(
      z.object({
        id: z.uuid(),
        event: z.string(),
        unique_id: z.string().nullable(),
        source: z.enum(['live', 'downloaded']),
        received_at: Time,
        payload: z
          .record(z.string(), z.unknown())
          .describe('As the box sent it, without its token'),
      }),
    )
    .describe('In the order of arrival, the first 1,000'),
  deliveries: z.array(
    z.object({
      id: z.string(),
      integration: z.string(),
      step: z.string(),
      round: z.number(),
      state: z.string(),
      reason: z.string().nullable(),
      attempts: z.number(),
      created_at: Time,
      updated_at: Time,
    }),
  ),
  recordings: z
    .array(
      z.object({
        id: z.uuid(),
        unique_id: z.string(),
        link: z.string().describe('Permanent; under PUBLIC_URL'),
        content_type: z.string(),
        size: z.number(),
        duration: z.number().nullable(),
        truncated: z.boolean(),
        hold: z.boolean(),
      }),
    )
    .describe("The main channel's first"),
}).meta({ id: 'CallDetail' });

const COMMON = {
  method: 'GET',
  auth: 'enterprise or secret',
  cors: 'none',
} as const satisfies Partial<Contract>;

export const listCalls = {
  ...COMMON,
  path: '/enterprise/{number}/calls',
  summary: 'The calls of an enterprise, newest first',
  params: EnterpriseParams,
  query: CallFilters.extend({
    cursor: z.string().max(300).optional(),
    limit: z.coerce.number().int().min(1).max(LONGEST_PAGE).default(50),
  }),
  answers: {
    200: {
      description: 'A page',
      body: z.object({ items: z.array(CallItem), next_cursor: z.string().nullable() }),
    },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const getCall = {
  ...COMMON,
  path: '/enterprise/{number}/calls/{id}',
  summary: 'A call with all that is known of it',
  params: EnterpriseParams.extend({ id: z.uuid() }),
  answers: { 200: { description: 'The call', body: CallDetail }, ...enterpriseRefusals },
} as const satisfies Contract;

export const exportCalls = {
  ...COMMON,
  path: '/enterprise/{number}/calls.csv',
  summary: 'The calls of an enterprise as a table for Excel, newest first',
  params: EnterpriseParams,
  query: CallFilters,
  answers: {
    200: {
      description: 'UTF-8 with a byte order mark, semicolons, times on the clock of the enterprise',
      csv: true,
    },
    202: {
      description: 'More than 20,000 calls, or than an answer can hold: a job writes the file',
      body: z.object({ job_id: z.uuid() }),
    },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const getExport = {
  ...COMMON,
  path: '/enterprise/{number}/exports/{id}',
  summary: 'The file that a job wrote, by the id of the job; for a week',
  params: EnterpriseParams.extend({ id: z.uuid() }),
  answers: {
    202: {
      description: 'Not ready yet',
      body: z.object({
        job_id: z.uuid(),
        progress: z.object({ done: z.number(), total: z.number().nullable() }),
      }),
    },
    302: { description: 'To the file, by a link that is good for minutes' },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const callListContracts: Contract[] = [listCalls, exportCalls, getExport, getCall];
