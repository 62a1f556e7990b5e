import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { CALLBACK_PATHS } from '../crm/config.ts';
import { ErrorBody, ValidationErrorBody } from '../error.schema.ts';

// Auth "none": what a CRM shows is not a session. Each of these routes looks for itself, in constant time.

const COMMON = { auth: 'none', cors: 'none' } as const satisfies Partial<Contract>;

export const MakeCall = z.object({
  code: z
    .string()
    .trim()
    .regex(/^\d{1,5}$/, 'must be one to five digits'),
  phone: z
    .string()
    .transform((text) => text.replaceAll(/\D/g, ''))
    .pipe(z.string().regex(/^\d{2,15}$/, 'must be a phone number')),
  userId: z.string().trim().max(64).optional(),
  externalPhone: z.string().trim().max(32).optional(),
});

export const UserStatus = z.object({
  userId: z.string().trim().min(1).max(64),
  code: z.string().trim().max(5).optional(),
  status: z.string().trim().min(1).max(32),
});

/** As it comes in the query. What a POST may bring in its body has the same names. */
const MakeCallQuery = z.object({
  clientId: z.string().optional(),
  code: z.string().optional().describe("The manager's extension"),
  phone: z.string().optional(),
  userId: z.string().optional(),
  externalPhone: z.string().optional(),
});
const UserStatusQuery = z.object({
  clientId: z.string().optional(),
  userId: z.string().optional(),
  code: z.string().optional(),
  status: z.string().optional(),
});

const placed = z.object({
  success: z.literal(true),
  duplicate: z.boolean().optional(),
  originate_id: z.string().optional(),
});
const callAnswers = {
  200: { description: 'The call is being placed', body: placed },
  403: { description: 'Not who it says it is', body: ErrorBody },
  422: { description: 'A field is missing or wrong', body: ValidationErrorBody },
  503: { description: 'The call cannot be placed; the sentence says why', body: ErrorBody },
} as const;
const statusAnswers = {
  200: { description: 'Noted', body: z.object({ success: z.literal(true) }) },
  403: callAnswers[403],
  422: callAnswers[422],
} as const;

const makeCall = {
  ...COMMON,
  path: CALLBACK_PATHS.makeCall,
  summary: 'A manager clicked a number in the CRM; fields in the query or, by POST, in the body',
  query: MakeCallQuery,
  answers: callAnswers,
} as const;
const userStatus = {
  ...COMMON,
  path: CALLBACK_PATHS.userStatus,
  summary: 'A manager became available or unavailable in the CRM',
  query: UserStatusQuery,
  answers: statusAnswers,
} as const;

export const getMakeCall = { ...makeCall, method: 'GET' } as const satisfies Contract;
export const postMakeCall = { ...makeCall, method: 'POST' } as const satisfies Contract;
export const getUserStatus = { ...userStatus, method: 'GET' } as const satisfies Contract;
export const postUserStatus = { ...userStatus, method: 'POST' } as const satisfies Contract;

export const takePortalEvent = {
  ...COMMON,
  method: 'POST',
  path: CALLBACK_PATHS.portalEvent,
  summary: "A portal's outbound webhook, as a form: somebody clicked a number",
  params: z.object({ enterprise_number: z.string().regex(/^\w{1,32}$/) }),
  answers: callAnswers,
} as const satisfies Contract;

/** `data[PHONE_NUMBER]=…` of a form. */
export const PortalEvent = z.object({
  event: z.string().trim().toUpperCase(),
  'auth[application_token]': z.string().min(1),
});

const digits = z
  .string()
  .optional()
  .transform((text) => text?.replaceAll(/\D/g, '') || undefined);

export const PortalCall = z
  .object({
    'data[CALL_ID]': z.string().trim().min(1).max(128).optional(),
    'data[USER_ID]': z.string().trim().max(64).optional(),
    'data[PHONE_NUMBER]': digits,
    'data[PHONE_NUMBER_INTERNATIONAL]': digits,
    'data[LINE_NUMBER]': z.string().trim().max(32).optional(),
  })
  .transform((form, context) => {
    const phone = form['data[PHONE_NUMBER_INTERNATIONAL]'] ?? form['data[PHONE_NUMBER]'];
    if (phone === undefined || !/^\d{2,15}$/.test(phone)) {
      context.addIssue({ code: 'custom', path: ['data[PHONE_NUMBER]'], message: 'is missing' });
      return z.NEVER;
    }
    return {
      phone,
      externalId: form['data[CALL_ID]'],
      crmUserId: form['data[USER_ID]'],
      line: form['data[LINE_NUMBER]'],
    };
  });

export const callbackContracts: Contract[] = [
  getMakeCall,
  postMakeCall,
  getUserStatus,
  postUserStatus,
  takePortalEvent,
];
