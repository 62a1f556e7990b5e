import * as z from 'zod';

const filled = z.string().min(1, 'This value should not be blank.');
const seconds = z.int().nonnegative('This value should be 0 or more.');
/** Seconds since 1970: milliseconds and texts are what people send by mistake. */
const moment = z
  .int()
  .min(1_000_000_000, 'Not a timestamp.')
  .max(9_999_999_999, 'Not a timestamp.');
const link = z.url('This value is not a valid URL.');
/** A user's id, or any text to show. */
const person = z.union([z.int(), filled]);

/** One item of POST /api/v4/calls. Nothing may be null. */
export const Call = z.strictObject({
  direction: z.enum(['inbound', 'outbound']),
  duration: seconds,
  source: filled,
  phone: filled,
  uniq: filled.optional(),
  link: link.optional(),
  call_result: filled.optional(),
  call_status: z.literal([1, 2, 3, 4, 5, 6, 7, 8]).optional(),
  call_responsible: person.optional(),
  responsible_user_id: z.int().optional(),
  created_by: z.int().optional(),
  updated_by: z.int().optional(),
  created_at: moment.optional(),
  updated_at: moment.optional(),
  request_id: filled.optional(),
});
export type Call = z.output<typeof Call>;

/** POST /api/v2/events/: the pop-up of an incoming call. */
export const PopUps = z.strictObject({
  add: z
    .array(
      z.strictObject({
        type: z.literal('phone_call'),
        phone_number: filled,
        users: z.array(z.int()).min(1).optional(),
      }),
    )
    .min(1),
});

const CustomFields = z.array(
  z.looseObject({
    field_code: filled.optional(),
    field_id: z.int().optional(),
    values: z.array(z.looseObject({ value: z.unknown() })),
  }),
);

/** One item of POST /api/v4/leads/unsorted/sip. No source says that the link may be absent, and people send a false one. */
export const UnsortedCall = z.strictObject({
  source_name: filled,
  source_uid: filled,
  pipeline_id: z.int().optional(),
  created_at: moment.optional(),
  request_id: filled.optional(),
  metadata: z.strictObject({
    from: filled,
    phone: filled,
    called_at: moment,
    duration: seconds,
    link,
    service_code: filled,
    uniq: filled,
    is_call_event_needed: z.boolean().optional(),
    call_responsible: person.optional(),
  }),
  _embedded: z
    .strictObject({
      leads: z.array(z.looseObject({ name: filled.optional() })).optional(),
      contacts: z
        .array(
          z.looseObject({
            name: filled.optional(),
            custom_fields_values: CustomFields.optional(),
          }),
        )
        .optional(),
      companies: z.array(z.looseObject({ name: filled.optional() })).optional(),
    })
    .optional(),
});
export type UnsortedCall = z.output<typeof UnsortedCall>;

/** One item of POST /api/v4/leads/complex: one contact and one company at most. */
export const ComplexLead = z.strictObject({
  name: filled.optional(),
  price: z.int().optional(),
  status_id: z.int().optional(),
  pipeline_id: z.int().optional(),
  responsible_user_id: z.int().optional(),
  created_by: z.int().optional(),
  created_at: moment.optional(),
  request_id: filled.optional(),
  custom_fields_values: CustomFields.optional(),
  _embedded: z
    .strictObject({
      contacts: z
        .array(
          z.strictObject({
            id: z.int().optional(),
            name: filled.optional(),
            first_name: filled.optional(),
            last_name: filled.optional(),
            responsible_user_id: z.int().optional(),
            custom_fields_values: CustomFields.optional(),
          }),
        )
        .max(1, 'This collection is too large.')
        .optional(),
      companies: z
        .array(z.looseObject({ name: filled.optional() }))
        .max(1, 'This collection is too large.')
        .optional(),
      tags: z.array(z.looseObject({ name: filled.optional() })).optional(),
    })
    .optional(),
});
export type ComplexLead = z.output<typeof ComplexLead>;

/** One item of POST /api/v4/{folder}/{id}/notes, as far as texts go. */
export const TextNote = z.strictObject({
  entity_id: z.int().optional(),
  note_type: z.literal('common'),
  params: z.strictObject({ text: filled }),
  created_by: z.int().optional(),
  responsible_user_id: z.int().optional(),
  created_at: moment.optional(),
  request_id: filled.optional(),
});

export const TokenRequest = z.object({
  client_id: filled,
  client_secret: filled,
  grant_type: z.literal('refresh_token'),
  refresh_token: filled,
  redirect_uri: filled,
});
export type TokenRequest = z.output<typeof TokenRequest>;
