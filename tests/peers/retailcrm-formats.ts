import * as z from 'zod';

/** What the vendor's validator says about one field. */
export type FieldError = { path: string; message: string };

const BLANK = 'This value should not be blank.';
const CHOICE = 'The value you selected is not a valid choice.';
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d)$/;

const text = z.string({ error: wrongType('string') });
const filled = text.min(1, BLANK);
const whole = z.int({ error: wrongType('int') });
const flag = z.boolean({ error: wrongType('bool') });

export const CallEvent = z
  .strictObject({
    phone: filled,
    type: z.enum(['in', 'out', 'hangup'], { error: choice }),
    codes: z.array(filled).optional(),
    userIds: z.array(whole).optional(),
    site: text.optional(),
    /** Spelled otherwise than in an upload, and `cancel` exists only here. */
    hangupStatus: z
      .enum(['answered', 'busy', 'cancel', 'failed', 'no answered'], { error: choice })
      .optional(),
    externalPhone: text.optional(),
    callExternalId: text.optional(),
    webAnalyticsData: z.looseObject({}).optional(),
  })
  .refine(({ codes = [], userIds = [] }) => codes.length + userIds.length > 0, {
    path: ['codes'],
    message: BLANK,
  });
export type CallEvent = z.output<typeof CallEvent>;

const UploadedCall = z.strictObject({
  date: text.refine(isDateTime, 'This value is not a valid datetime.'),
  type: z.enum(['in', 'out'], { error: choice }),
  phone: filled,
  code: text.optional(),
  userId: whole.optional(),
  result: z.enum(['answered', 'busy', 'failed', 'no answer', 'not allowed', 'unknown'], {
    error: choice,
  }),
  duration: whole.nonnegative('This value should be 0 or more.').optional(),
  durationWaiting: whole.nonnegative('This value should be 0 or more.').optional(),
  externalId: text.optional(),
  recordUrl: z.url({ error: 'This value is not a valid URL.' }).optional(),
  externalPhone: text.optional(),
  site: text.optional(),
  source: z
    .strictObject({
      source: text.optional(),
      medium: text.optional(),
      campaign: text.optional(),
      keyword: text.optional(),
      content: text.optional(),
    })
    .optional(),
  /** Google Analytics' client id. Our integration's clientId does not belong here. */
  clientId: text.optional(),
});
export type UploadedCall = z.output<typeof UploadedCall>;

export const UploadedCalls = z
  .array(UploadedCall, { error: wrongType('array') })
  .min(1, BLANK)
  .max(50, 'This collection should contain 50 elements or less.');

const Telephony = z.strictObject({
  makeCallUrl: z.url({ error: 'This value is not a valid URL.' }).optional(),
  changeUserStatusUrl: z.url({ error: 'This value is not a valid URL.' }).optional(),
  allowEdit: flag.optional(),
  inputEventSupported: flag.optional(),
  outputEventSupported: flag.optional(),
  hangupEventSupported: flag.optional(),
  additionalCodes: z
    .array(
      z.strictObject({
        // The vendor's PHP model says int, its Go client sends a string.
        userId: z.union([whole, text.regex(/^\d+$/).transform(Number)]),
        code: filled,
      }),
    )
    .optional(),
  externalPhones: z.array(z.strictObject({ siteCode: text, externalPhone: filled })).optional(),
});

export const IntegrationModule = z.strictObject({
  code: filled,
  integrationCode: text.optional(),
  active: flag.optional(),
  freeze: flag.optional(),
  native: flag.optional(),
  name: filled,
  logo: text.refine((url) => /\.svg(\?.*)?$/i.test(url), 'Logo image must be svg').optional(),
  baseUrl: filled,
  clientId: text.optional(),
  actions: z.strictObject({ activity: text.optional(), settings: text.optional() }).optional(),
  availableCountries: z.array(text).optional(),
  accountUrl: text.optional(),
  integrations: z.looseObject({ telephony: Telephony.optional() }).optional(),
});
export type IntegrationModule = z.output<typeof IntegrationModule>;

/** POST customers/create: what of the vendor's model makes sense for a private person. */
export const NewCustomer = z.strictObject({
  type: z.literal('customer', { error: choice }).optional(),
  externalId: filled.optional(),
  firstName: filled.optional(),
  lastName: text.optional(),
  patronymic: text.optional(),
  email: z.email({ error: 'This value is not a valid email address.' }).optional(),
  managerId: whole.optional(),
  phones: z.array(z.strictObject({ number: filled })).optional(),
});

/** POST customers/notes/create. The customer is named by one of his ids. */
export const NewNote = z.strictObject({
  managerId: whole.optional(),
  text: filled,
  customer: z.strictObject({ id: whole.optional(), externalId: filled.optional() }),
});

/** zod's findings in the words of the vendor's framework. */
export function toFieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.join('.');
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
    return issue.keys.map((key) => ({
      path: [...issue.path, key].join('.'),
      message: 'This form should not contain extra fields.',
    }));
  });
}

function wrongType(type: string) {
  return ({ input }: { input?: unknown }) =>
    input === undefined || input === null ? BLANK : `This value should be of type ${type}.`;
}

function choice({ input }: { input?: unknown }): string {
  return input === undefined || input === null || input === '' ? BLANK : CHOICE;
}

/** `Y-m-d H:i:s` of a day that exists: no offset, no `T`. */
function isDateTime(value: string): boolean {
  const [, year, month, day] = DATE_TIME.exec(value) ?? [];
  if (year === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}
