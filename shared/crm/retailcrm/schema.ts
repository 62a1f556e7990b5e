import * as z from 'zod';

// Only what we read of RetailCRM's answers. Its models have no required markers, so everything may be absent.

/** `success` decides, never the HTTP status alone: vendor tests show 200 with success "false" as a string. */
export const Answer = z.looseObject({
  success: z.unknown(),
  errorMsg: z.string().optional().catch(undefined),
  errors: z
    .union([z.record(z.string(), z.unknown()), z.array(z.unknown())])
    .optional()
    .catch(undefined),
});
export type Answer = z.output<typeof Answer>;

export const CallEventAnswer = z.object({
  notExistCodes: z.array(z.coerce.string()).catch([]).default([]),
});

const Person = z.object({
  firstName: z.string().nullish(),
  lastName: z.string().nullish(),
});
export type Person = z.output<typeof Person>;

export const ManagerAnswer = z.object({
  manager: Person.extend({ id: z.coerce.string(), code: z.coerce.string().nullish() }).nullish(),
  customer: Person.extend({ id: z.coerce.string().optional() }).nullish(),
});

/** Of whatever was created. */
export const Added = z.object({ id: z.coerce.string() });
export const NotesAnswer = z.object({
  notes: z.array(z.object({ text: z.string().catch('').default('') })).default([]),
});

export const CredentialsAnswer = z.object({
  scopes: z.array(z.string()).catch([]).default([]),
  credentials: z.array(z.string()).catch([]).default([]),
});

export const UsersAnswer = z.object({
  users: z
    .array(
      Person.extend({
        id: z.coerce.string(),
        email: z.string().nullish(),
        code: z.coerce.string().nullish(),
        active: z.boolean().catch(true).default(true),
      }),
    )
    .default([]),
  pagination: z.object({ totalPageCount: z.number() }).catch({ totalPageCount: 1 }),
});
