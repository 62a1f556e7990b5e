import * as z from 'zod';

import { ErrorBody, ValidationErrorBody } from './error.schema.ts';

/** What every route under /enterprise/{number} shares. */
export const EnterpriseParams = z.object({
  number: z.string().regex(/^\w{1,32}$/, 'must be a number'),
});

export const enterpriseRefusals = {
  403: { description: 'Not logged in, or not allowed for this enterprise', body: ErrorBody },
  404: { description: 'There is no such thing', body: ErrorBody },
  422: { description: 'A field is missing or wrong', body: ValidationErrorBody },
} as const;
