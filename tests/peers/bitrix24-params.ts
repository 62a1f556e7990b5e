import * as z from 'zod';

import { core, MethodRefusal } from './bitrix24-answers.ts';

/** Numbers come as numbers in JSON and as digits in a batch. */
export const whole = z.union([z.int().nonnegative(), z.string().regex(/^\d+$/).transform(Number)]);
const flag = whole.pipe(z.union([z.literal(0), z.literal(1)]));
const text = z.string();
/** The message is the vendor's, letter for letter. */
const callId = z.string({ error: 'CALL_ID must be a string' });

const STATUS_CODES = '200 304 603 603-S 403 404 486 484 503 480 402 423 OTHER'.split(' ');

export const Register = z.strictObject({
  USER_ID: whole.optional(),
  USER_PHONE_INNER: text.optional(),
  PHONE_NUMBER: text.optional(),
  TYPE: whole.optional(),
  CALL_START_DATE: text.optional(),
  CRM_CREATE: flag.optional(),
  CRM_SOURCE: text.optional(),
  CRM_ENTITY_TYPE: z.enum(['CONTACT', 'COMPANY', 'LEAD']).optional(),
  CRM_ENTITY_ID: whole.optional(),
  SHOW: flag.optional(),
  ADD_TO_CHAT: flag.optional(),
  CALL_LIST_ID: whole.optional(),
  LINE_NUMBER: text.max(50).optional(),
  EXTERNAL_CALL_ID: text.optional(),
});

export const ShowOrHide = z.strictObject({
  CALL_ID: callId,
  USER_ID: z.union([whole.transform((id) => [id]), z.array(whole)]).optional(),
});

export const Finish = z.strictObject({
  CALL_ID: callId,
  USER_ID: whole.optional(),
  USER_PHONE_INNER: text.optional(),
  DURATION: whole.optional(),
  STATUS_CODE: z.enum(STATUS_CODES, { error: 'Unknown STATUS_CODE' }).optional(),
  COST: z.coerce.number().optional(),
  COST_CURRENCY: text.optional(),
  FAILED_REASON: text.optional(),
  VOTE: whole.optional(),
  ADD_TO_CHAT: flag.optional(),
});

export const AttachRecord = z.strictObject({
  CALL_ID: callId,
  FILENAME: text.optional(),
  FILE_CONTENT: text.optional(),
  RECORD_URL: text.optional(),
});

export const Search = z.strictObject({ PHONE_NUMBER: text.optional() });

export const FindByComm = z.strictObject({
  type: z.enum(['PHONE', 'EMAIL'], { error: 'Communication type is not defined.' }),
  values: z.array(text).min(1, 'Communication values is not defined.').max(20),
  entity_type: z.enum(['CONTACT', 'LEAD', 'COMPANY']).optional(),
});

export const GetEntity = z.strictObject({ id: whole });

export const GetUsers = z.strictObject({
  /** A reference that led nowhere is an empty text, and an empty id is no filter. */
  ID: z.union([whole, z.literal('')]).optional(),
  FILTER: z
    .strictObject({
      ACTIVE: z.union([z.boolean(), z.enum(['1', '0'])]).optional(),
      UF_PHONE_INNER: text.optional(),
      USER_TYPE: z.enum(['employee', 'extranet', 'email']).optional(),
    })
    .optional(),
  start: whole.optional(),
});

export const GetStatistics = z.strictObject({
  FILTER: z
    .strictObject({
      CALL_ID: text.optional(),
      EXTERNAL_CALL_ID: text.optional(),
      PHONE_NUMBER: text.optional(),
    })
    .optional(),
  SORT: text.optional(),
  ORDER: z.enum(['ASC', 'DESC']).optional(),
  start: whole.optional(),
});

const multiField = z.array(z.strictObject({ VALUE: text.min(1), VALUE_TYPE: text }));
const yesNo = z.enum(['Y', 'N']);

export const AddLead = z.strictObject({
  fields: z.strictObject({
    TITLE: text.optional(),
    NAME: text.optional(),
    LAST_NAME: text.optional(),
    PHONE: multiField.optional(),
    EMAIL: multiField.optional(),
    SOURCE_ID: z.enum(['CALL', 'EMAIL', 'WEB', 'WEBFORM', 'CALLBACK', 'STORE', 'OTHER']).optional(),
    SOURCE_DESCRIPTION: text.optional(),
    STATUS_ID: z.enum(['NEW', 'IN_PROCESS', 'PROCESSED', 'JUNK', 'CONVERTED']).optional(),
    COMMENTS: text.optional(),
    ASSIGNED_BY_ID: whole.optional(),
    OPENED: yesNo.optional(),
    ORIGINATOR_ID: text.optional(),
    ORIGIN_ID: text.optional(),
  }),
  params: z.strictObject({ REGISTER_SONET_EVENT: yesNo.optional() }).optional(),
});

const ENTITY_TYPES = ['lead', 'deal', 'contact', 'company', 'order'] as const;

/** The key is `fields` in lower case since crm 23.100.0. */
export const AddComment = z.strictObject({
  fields: z.strictObject({
    ENTITY_ID: whole,
    ENTITY_TYPE: z.enum(ENTITY_TYPES),
    COMMENT: text,
    AUTHOR_ID: whole.optional(),
  }),
});

export const ListComments = z.strictObject({
  select: z.array(text).optional(),
  filter: z.strictObject({ ENTITY_ID: whole, ENTITY_TYPE: z.enum(ENTITY_TYPES) }),
  order: z
    .strictObject({
      ID: z.enum(['ASC', 'DESC']).optional(),
      CREATED: z.enum(['ASC', 'DESC']).optional(),
      AUTHOR_ID: z.enum(['ASC', 'DESC']).optional(),
    })
    .optional(),
  start: whole.optional(),
});

export const Nothing = z.strictObject({});

/** What the real portal would swallow is refused here: nobody meant to send it. */
export function parseParams<Schema extends z.ZodType>(
  schema: Schema,
  params: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') throw core(`Unknown parameter ${issue.keys.join(', ')}`);
  if (path === 'CALL_ID') {
    throw new MethodRefusal(400, 'INVALID_ARGUMENT', issue?.message ?? '');
  }
  throw core(
    /^(Unknown|Communication)/.test(issue?.message ?? '')
      ? (issue?.message ?? '')
      : `Wrong value of ${path}`,
  );
}

/** A moment with its offset: without one, or with a space, the vendor does not take it. */
export function parseDate(value: string): number {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/.test(value)) return Number.NaN;
  return Date.parse(value);
}
