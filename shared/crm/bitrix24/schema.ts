import * as z from 'zod';

// Only what we read of Bitrix24's answers. Ids come as numbers here and as strings there.

const Id = z.union([z.int(), z.string().min(1)]).transform(String);
const Text = z.string().nullish().catch(null);

export const Refusal = z.looseObject({
  /** Empty for errors without a code of their own. */
  error: z.union([z.string(), z.number()]).transform(String),
  error_description: z.string().catch(''),
  /** Seconds since 1970. */
  time: z
    .looseObject({ finish: z.number().optional(), operating_reset_at: z.number().optional() })
    .optional()
    .catch(undefined),
});

export const Success = z.looseObject({
  result: z.unknown(),
  next: z.int().optional().catch(undefined),
});

/** An empty map is encoded as an empty list. */
const Replies = z.union([
  z.record(z.string(), z.unknown()),
  z.array(z.never()).transform((): Record<string, unknown> => ({})),
]);
export const BatchResult = z.object({ result: Replies, result_error: Replies });

export const Registered = z.object({ CALL_ID: z.string().min(1) });
export const Finished = z.looseObject({
  ERRORS: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

/** Rows of the call statistics. */
export const JournalRows = z.array(
  z.looseObject({ CALL_ID: z.string(), EXTERNAL_CALL_ID: z.string().nullish().catch(null) }),
);

export const Users = z.array(
  z.looseObject({
    ID: Id,
    NAME: Text,
    LAST_NAME: Text,
    ACTIVE: z.union([z.boolean(), z.string()]).optional(),
    UF_PHONE_INNER: Text,
  }),
);
export type User = z.output<typeof Users>[number];

/** Contacts, leads and companies that have a number, with who looks after them. */
export const FoundEntities = z.array(
  z.looseObject({
    NAME: Text,
    ASSIGNED_BY_ID: Id.nullish().catch(null),
    ASSIGNED_BY: z.looseObject({ ID: Id, USER_PHONE_INNER: Text }).nullish().catch(null),
  }),
);

export const ENTITY_KINDS = ['CONTACT', 'LEAD', 'COMPANY'] as const;
const Ids = z.array(Id).catch([]).default([]);
const FoundIds = z.object({ CONTACT: Ids, LEAD: Ids, COMPANY: Ids });
/** Ids of whoever has a number; an empty list instead of a map when nobody has. */
export const Duplicates = z.union([
  FoundIds,
  z
    .array(z.never())
    .transform((): z.output<typeof FoundIds> => ({ CONTACT: [], LEAD: [], COMPANY: [] })),
]);

export const Entity = z.looseObject({
  ASSIGNED_BY_ID: Id.nullish().catch(null),
  NAME: Text,
  LAST_NAME: Text,
  TITLE: Text,
});

/** What was added. */
export const AddedId = Id;
export const Comments = z.array(z.looseObject({ COMMENT: Text }));

/** Without an id where the user does not work any more: an empty map. */
export const Profile = z.union([
  z.looseObject({ ID: Id.optional() }),
  z.array(z.never()).transform((): { ID?: string } => ({})),
]);
export const Scopes = z.array(z.string());
