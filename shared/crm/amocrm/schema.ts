import * as z from 'zod';

// Only what we read of amoCRM's answers (API v4). An empty list is a 204 without a body: `undefined` here.

const FieldErrors = z.object({
  errors: z
    .array(z.object({ path: z.string().catch(''), detail: z.string().catch('') }))
    .catch([])
    .default([]),
});

/** `application/problem+json`, and the refusal of a call whose number nobody has. */
export const Problem = z.looseObject({
  title: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  hint: z.string().optional().catch(undefined),
  'validation-errors': z.array(FieldErrors).catch([]).default([]),
  errors: z
    .array(z.looseObject({ title: z.string().optional().catch(undefined) }))
    .catch([])
    .default([]),
});
export type Problem = z.output<typeof Problem>;

export const Tokens = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
});

/** Nothing is read of it: that it is there is the answer. */
export const Anything = z.unknown();

/** A call that found no card is refused, or (as the older method did) missing among those that were added. */
export const AddedCalls = z.object({
  _embedded: z
    .object({
      calls: z.array(z.unknown()).catch([]).default([]),
      errors: z.array(z.unknown()).catch([]).default([]),
    })
    .optional()
    .catch(undefined),
  errors: z.array(z.unknown()).catch([]).default([]),
});

const Links = z
  .object({ next: z.object({ href: z.string() }).optional() })
  .optional()
  .catch(undefined);

export const CallEvents = z.object({
  _embedded: z.object({
    events: z.array(
      z.object({
        entity_type: z.string(),
        value_after: z
          .array(z.object({ note: z.object({ id: z.number() }).optional() }))
          .catch([])
          .default([]),
      }),
    ),
  }),
  _links: Links,
});

export const Notes = z.object({
  _embedded: z.object({
    notes: z.array(
      z.object({ params: z.looseObject({ uniq: z.string().optional().catch(undefined) }) }),
    ),
  }),
});

export const TextNotes = z.object({
  _embedded: z.object({
    notes: z.array(z.object({ params: z.looseObject({ text: z.string().catch('').default('') }) })),
  }),
});

/** Of leads that were added together with their contacts. */
export const AddedLeads = z.array(z.object({ id: z.number() }));

export const UnsortedList = z.object({
  _embedded: z.object({
    unsorted: z.array(
      z.object({
        source_uid: z.string().nullish(),
        metadata: z.looseObject({ uniq: z.string().nullish() }).nullish(),
      }),
    ),
  }),
});

const CustomField = z.object({
  field_code: z.string().nullish(),
  values: z
    .array(z.object({ value: z.unknown() }))
    .catch([])
    .default([]),
});
const Card = z.object({
  id: z.number(),
  name: z.string().nullish(),
  responsible_user_id: z.number(),
  created_at: z.number().catch(0).default(0),
  custom_fields_values: z.array(CustomField).nullish(),
});
export type Card = z.output<typeof Card>;

export const Contacts = z.object({ _embedded: z.object({ contacts: z.array(Card) }) });
export const Companies = z.object({ _embedded: z.object({ companies: z.array(Card) }) });

export const User = z.object({ id: z.number(), name: z.string().catch('').default('') });
export const Users = z.object({ _embedded: z.object({ users: z.array(User) }), _links: Links });
