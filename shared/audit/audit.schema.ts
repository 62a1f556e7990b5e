import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { DateOrTime } from '../date-or-time.schema.ts';
import { ErrorBody, ValidationErrorBody } from '../error.schema.ts';

const AuditEntry = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    actor: z
      .string()
      .nullable()
      .describe('The login; null: nobody we know (a login that failed), or a program'),
    actor_kind: z.enum(['superadmin', 'enterprise admin', 'program', 'nobody']),
    enterprise_number: z
      .string()
      .nullable()
      .describe('Whose things; null: those of the operator himself'),
    action: z.string().describe('"enterprise.update", "login" …; else the method and the route'),
    subject: z.string().nullable().describe('To which of them: an id, a type, a name'),
    changes: z
      .array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() }))
      .describe('Secrets are masked'),
    address: z.string(),
    request_id: z.string(),
  })
  .meta({ id: 'AuditEntry' });

export const listAudit = {
  method: 'GET',
  path: '/api/audit',
  summary: 'Who changed what, when and from where; newest first, kept for a year',
  auth: 'superadmin',
  cors: 'none',
  query: z.object({
    enterprise: z.string().max(32).optional(),
    actor: z.string().max(100).optional().describe('A login'),
    action: z
      .string()
      .max(100)
      .optional()
      .describe('Exactly, or with a * at the end its beginning'),
    from: DateOrTime.optional().describe('Of a date its first moment, in UTC'),
    to: DateOrTime.optional().describe('Of a date its last moment, in UTC'),
    cursor: z.string().max(300).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  answers: {
    200: {
      description: 'A page',
      body: z.object({ items: z.array(AuditEntry), next_cursor: z.string().nullable() }),
    },
    403: { description: 'Not a superadmin', body: ErrorBody },
    422: { description: 'A filter is wrong', body: ValidationErrorBody },
  },
} as const satisfies Contract;

export const auditContracts: Contract[] = [listAudit];
