import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { LOOKUP_TYPES } from '../crm/crm.schema.ts';
import { EnterpriseParams, enterpriseRefusals } from '../enterprise.schema.ts';
import { ErrorBody } from '../error.schema.ts';
import { SmartRedirectSettings } from './settings.schema.ts';

const FieldText = z
  .union([z.string(), z.number()])
  .transform((value) => String(value).trim())
  .pipe(
    z
      .string()
      .max(200)
      .regex(/^\P{Cc}*$/u),
  )
  .catch('')
  .default('');

/** A dialplan sends what it has; whatever is wrong with a field, the call must go on. */
export const IncomingCallBody = z.object({
  phone: FieldText.describe("The caller's number"),
  unique_id: FieldText,
  channel: FieldText.describe('As the box names it: PJSIP/0001367-00000000'),
  trunk: FieldText,
});

const Source = z.enum([...LOOKUP_TYPES, 'last_talked', 'first_talked']);
const Reason = z.enum([
  ...(['no_integrations', 'manager_not_found', 'manager_unreachable', 'timeout'] as const),
  ...(['asterisk_error', 'disabled', 'channel_gone', 'not_waiting'] as const),
]);
const Result = z.discriminatedUnion('action', [
  z.object({
    action: z.literal('redirected'),
    manager: z.string(),
    source: Source,
    cached: z.boolean(),
    took_ms: z.number(),
    warning: z.string().optional(),
  }),
  z.object({ action: z.literal('continue'), reason: Reason }),
]);

const boxRefusals = { 403: { description: 'Unknown token', body: ErrorBody } } as const;

export const incomingCall = {
  method: 'POST',
  path: '/api/smart-redirect/incoming-call',
  summary: 'A box holds a caller: bring them to their manager',
  auth: 'box token',
  cors: 'none',
  body: IncomingCallBody,
  answers: {
    200: {
      description: 'Moved, or the call goes on; nothing else once the token is right',
      body: z.object({ success: z.literal(true), result: Result }),
    },
    ...boxRefusals,
  },
} as const satisfies Contract;

export const CustomerDataBody = z.object({
  UniqueId: FieldText,
  Phone: FieldText,
  TrunkId: FieldText,
  LoadDialPlan: z
    .unknown()
    .optional()
    .describe('Anything but 0, false and nothing asks for DialPlan'),
});

export const getCustomerData = {
  method: 'POST',
  path: '/api/callevent/getcustomerdata',
  summary: 'Who calls and who looks after them, for dialplans that read the answer',
  auth: 'box token',
  cors: 'none',
  body: CustomerDataBody,
  answers: {
    200: {
      description: 'Null: nobody knows',
      body: z.object({
        Name: z.string().nullable().describe('Letters, digits, space, dot, dash'),
        DialPlan: z.string().nullable().describe('The context that rings the manager'),
        Extension: z.string().nullable(),
      }),
    },
    ...boxRefusals,
  },
} as const satisfies Contract;

const Lookup = z
  .object({
    integration: z.enum(LOOKUP_TYPES),
    outcome: z.enum(['found', 'no_extension', 'nobody', 'failed', 'late']),
    extension: z.string().nullable(),
    name: z.string().nullable(),
    problem: z.string().nullable(),
    took_ms: z.number(),
  })
  .meta({ id: 'SmartRedirectLookup' });

const Redirect = z
  .object({
    id: z.string(),
    created_at: z.iso.datetime(),
    asked_by: z.enum(['endpoint', 'event']),
    phone: z.string(),
    unique_id: z.string().nullable(),
    channel: z.string().nullable(),
    trunk: z.string().nullable(),
    action: z.enum(['redirected', 'continue']),
    reason: Reason.nullable(),
    manager: z.string().nullable(),
    manager_name: z.string().nullable(),
    source: Source.nullable(),
    cached: z.boolean(),
    lookups: z.array(Lookup),
    warning: z.string().nullable(),
    took_ms: z.number(),
  })
  .meta({ id: 'SmartRedirect' });
export type Redirect = z.output<typeof Redirect>;

const COMMON = { auth: 'enterprise', cors: 'none', params: EnterpriseParams } as const;

export const listRedirects = {
  ...COMMON,
  method: 'GET',
  path: '/enterprise/{number}/smart-redirects',
  summary: 'What was done with the calls that asked for their manager',
  query: z.object({
    cursor: z.string().max(300).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  answers: {
    200: {
      description: 'Newest first',
      body: z.object({ items: z.array(Redirect), next_cursor: z.string().nullable() }),
    },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const getSettings = {
  ...COMMON,
  method: 'GET',
  path: '/enterprise/{number}/smart-redirect/settings',
  summary: 'How calls find their manager',
  answers: {
    200: { description: 'As they count', body: SmartRedirectSettings },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const putSettings = {
  ...COMMON,
  method: 'PUT',
  path: '/enterprise/{number}/smart-redirect/settings',
  summary: 'Replaces them; what is left out is as if never set',
  body: SmartRedirectSettings,
  answers: {
    200: { description: 'As stored', body: SmartRedirectSettings },
    400: { description: 'The body is not JSON', body: ErrorBody },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const tryRedirect = {
  ...COMMON,
  method: 'POST',
  path: '/enterprise/{number}/smart-redirect/try',
  summary: 'Who would get a call from this number; moves nothing',
  body: z.object({
    phone: z
      .string()
      .transform((text) => text.replaceAll(/\D/g, ''))
      .pipe(z.string().regex(/^\d{3,15}$/, 'must be a phone number')),
  }),
  answers: {
    200: {
      description: 'The CRMs are asked anew, and nothing of it is remembered',
      body: z.object({
        manager: z.string().nullable(),
        manager_name: z.string().nullable(),
        client_name: z.string().nullable(),
        source: Source.nullable(),
        reason: Reason.nullable().describe('Why the call would go on'),
        lookups: z.array(Lookup),
        took_ms: z.number(),
      }),
    },
    400: { description: 'The body is not JSON', body: ErrorBody },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const smartRedirectContracts: Contract[] = [
  incomingCall,
  getCustomerData,
  listRedirects,
  getSettings,
  putSettings,
  tryRedirect,
];
