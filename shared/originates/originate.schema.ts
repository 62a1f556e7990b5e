import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { EnterpriseParams, enterpriseRefusals } from '../enterprise.schema.ts';
import { ErrorBody, ValidationErrorBody } from '../error.schema.ts';

const Fields = z.object({
  clientId: z.string().optional().describe("The enterprise's secret; better as a bearer token"),
  code: z.string().optional().describe('The extension that rings first'),
  phone: z.string().optional().describe('Whom it is then connected to'),
});

const placed = z.object({
  success: z.literal(true),
  message: z.string(),
  enterprise: z.string(),
  enterprise_number: z.string(),
  from_ext: z.string(),
  to_phone: z.string(),
  host_ip: z.string(),
  response_time_ms: z.number(),
  originate_id: z.uuid(),
  warning: z.string().optional(),
});

const placing = {
  200: { description: 'Asterisk has begun the call', body: placed },
  422: {
    description: 'A field is missing or wrong, or no such extension',
    body: ValidationErrorBody,
  },
  429: { description: 'Ten calls within ten seconds; see Retry-After', body: ErrorBody },
  500: { description: 'Call initiation failed: the sentence says why', body: ErrorBody },
} as const;
const unknownSecret = { description: 'Invalid clientId', body: ErrorBody };

// Auth "none": the secret is looked for by the route, which answers 401 to a wrong one as it always did.
const makeCall = {
  path: '/api/makecallexternal',
  summary: 'Click-to-call for external programs: rings the extension, then dials the phone',
  auth: 'none',
  cors: 'open',
  query: Fields,
  answers: {
    ...placing,
    400: { description: 'The body is not JSON', body: ErrorBody },
    401: unknownSecret,
  },
} as const;
export const getMakeCallExternal = { ...makeCall, method: 'GET' } as const satisfies Contract;
export const postMakeCallExternal = { ...makeCall, method: 'POST' } as const satisfies Contract;

export const getOriginate = {
  method: 'GET',
  path: '/api/originates/{id}',
  summary: 'What has become of a click-to-call',
  auth: 'none',
  cors: 'open',
  params: z.object({ id: z.uuid() }),
  query: z.object({ clientId: Fields.shape.clientId }),
  answers: {
    200: {
      description: 'As the box told it so far',
      body: z.object({
        originate_id: z.uuid(),
        enterprise_number: z.string(),
        state: z.enum([
          'requested',
          'accepted',
          'ringing_agent',
          'ringing_client',
          'talking',
          'ended',
          'failed',
        ]),
        reason: z.string().nullable().describe('Why it failed'),
        warning: z.string().nullable(),
        from_ext: z.string(),
        to_phone: z.string(),
        call_id: z.uuid().nullable(),
        requested_at: z.iso.datetime(),
        updated_at: z.iso.datetime(),
      }),
    },
    401: unknownSecret,
    404: { description: 'There is no such call', body: ErrorBody },
    422: { description: 'Not an id', body: ValidationErrorBody },
  },
} as const satisfies Contract;

export const postCall = {
  method: 'POST',
  path: '/enterprise/{number}/call',
  summary: 'Click-to-call from the admin',
  auth: 'enterprise',
  cors: 'none',
  params: EnterpriseParams,
  body: z.object({ code: z.string().max(64), phone: z.string().max(64) }),
  answers: { ...enterpriseRefusals, ...placing },
} as const satisfies Contract;

export const originateContracts: Contract[] = [
  getMakeCallExternal,
  postMakeCallExternal,
  getOriginate,
  postCall,
];
