import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { EnterpriseParams, enterpriseRefusals } from '../enterprise.schema.ts';
import { ErrorBody } from '../error.schema.ts';

const Time = z.iso.datetime();
const Port = z.int().min(1).max(65_535);
/** What opens the intake for a box. */
const Token = z.string().regex(/^[\w.-]{8,64}$/, 'must be 8 to 64 letters, digits, dots or dashes');
const masked = (what: string) => z.string().describe(`${what}: the mask and its last characters`);

/** The zones that the database and this runtime both know by this name. */
const Timezone = z
  .string()
  .max(64)
  .refine((zone) => {
    try {
      return zone.includes('/') && Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
    } catch {
      return zone === 'UTC';
    }
  }, 'must be a time zone such as Europe/Minsk');

const Name = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(100)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters');

/** What is stored and shown as it is. */
const PLAIN = {
  name: Name,
  ip: z.union([z.ipv4(), z.ipv6()], 'must be an IP address').nullable(),
  host: z
    .string()
    .regex(/^[a-z0-9.-]{1,253}$/i, 'must be a host name')
    .nullable(),
  ssh_port: Port.nullable().describe('Null: the port of all boxes'),
  ssh_user: z
    .string()
    .regex(/^[a-z_][\w.-]{0,31}$/i, 'must be a user name')
    .nullable(),
  chat_id: z
    .string()
    .regex(/^-?\d{1,20}$/, 'must be the number of a chat')
    .nullable()
    .describe('The Telegram chat of the calls'),
  timezone: Timezone,
  active: z.boolean().describe('Takes events and calls; its admins may log in'),
  is_enabled: z.boolean(),
  parameter_option_1: z.boolean().describe('Telegram: notify while it rings'),
  parameter_option_2: z.boolean().describe('Telegram: notify while they talk'),
  parameter_option_3: z.boolean().describe('Copy recordings'),
  parameter_option_4: z.boolean().describe('Telegram: notify of internal calls'),
  parameter_option_5: z.boolean().describe('Telegram: call-back buttons'),
  custom_domain: z.string().max(253).nullable(),
  custom_port: Port.nullable(),
  scheme_count: z.int().min(0).nullable(),
  gsm_line_count: z.int().min(0).nullable(),
};

/** What goes in and does not come out. */
const WRITE_ONLY = {
  bot_token: z
    .string()
    .regex(/^\d+:[\w-]{20,}$/, 'must be a bot token as BotFather gives it')
    .nullable(),
  ssh_password: z.string().min(1).max(200).nullable(),
  ssh_key: z
    .string()
    .max(16_384)
    .regex(/^-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'must be a private key')
    .nullable()
    .describe('Preferred to the password; null removes it'),
};

export const Enterprise = z
  .object({
    number: z.string(),
    ...PLAIN,
    // Stored before there were rules for them.
    name: z.string(),
    ip: z.string().nullable(),
    host: z.string().nullable(),
    ssh_user: z.string().nullable(),
    timezone: z.string(),
    token: masked('The token of the box'),
    previous_token_until: Time.nullable().describe('Until when the token before still works'),
    secret: masked('The clientId of click-to-call'),
    bot_token: masked('The Telegram bot').nullable(),
    ssh_credentials: z.enum(['key', 'password']).nullable().describe('Null: those of all boxes'),
    ssh_host_key: z.string().nullable().describe('Fingerprint, as it was seen first'),
    telegram_paused_reason: z.string().nullable().describe('Why the chat gets nothing just now'),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'Enterprise' });
export type Enterprise = z.output<typeof Enterprise>;

export const EnterpriseChanges = z.object({ ...PLAIN, ...WRITE_ONLY }).partial();
export type EnterpriseChanges = z.output<typeof EnterpriseChanges>;

export const NewEnterprise = EnterpriseChanges.extend({
  number: EnterpriseParams.shape.number,
  name: Name,
  token: Token.optional().describe('Made up when absent'),
});
export type NewEnterprise = z.output<typeof NewEnterprise>;

const COMMON = { auth: 'superadmin', cors: 'none' } as const;
const { 403: forbidden, 422: invalid } = enterpriseRefusals;
const notJson = { description: 'The body is not JSON', body: ErrorBody };
const taken = { description: 'The number or the token is taken', body: ErrorBody };

export const listEnterprises = {
  ...COMMON,
  method: 'GET',
  path: '/api/enterprises',
  summary: 'The enterprises, by number',
  query: z.object({
    search: z.string().trim().max(100).optional().describe('Part of the number or of the name'),
    active: z.stringbool().optional(),
    cursor: z.string().max(300).optional(),
    limit: z.coerce.number().int().min(1).max(500).default(200),
  }),
  answers: {
    200: {
      description: 'A page',
      body: z.object({ items: z.array(Enterprise), next_cursor: z.string().nullable() }),
    },
    403: forbidden,
    422: invalid,
  },
} as const satisfies Contract;

export const createEnterprise = {
  ...COMMON,
  method: 'POST',
  path: '/api/enterprises',
  summary: 'Makes an enterprise; its token and secret are shown this once',
  audit: 'own',
  body: NewEnterprise,
  answers: {
    201: {
      description: 'Made',
      body: z.object({ enterprise: Enterprise, token: z.string(), secret: z.string() }),
    },
    400: notJson,
    403: forbidden,
    409: taken,
    422: invalid,
  },
} as const satisfies Contract;

export const getEnterprise = {
  ...COMMON,
  method: 'GET',
  path: '/api/enterprises/{number}',
  summary: 'An enterprise, secrets masked',
  params: EnterpriseParams,
  answers: { 200: { description: 'The enterprise', body: Enterprise }, ...enterpriseRefusals },
} as const satisfies Contract;

export const changeEnterprise = {
  ...COMMON,
  method: 'PATCH',
  path: '/api/enterprises/{number}',
  summary: 'Changes what is named; null removes',
  audit: 'own',
  params: EnterpriseParams,
  body: EnterpriseChanges,
  answers: {
    200: { description: 'As stored', body: Enterprise },
    400: notJson,
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const deleteEnterprise = {
  ...COMMON,
  method: 'DELETE',
  path: '/api/enterprises/{number}',
  summary: 'Deactivates an enterprise; nothing is deleted',
  audit: 'own',
  params: EnterpriseParams,
  answers: {
    200: { description: 'Deactivated', body: z.object({ success: z.literal(true) }) },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const rotateToken = {
  ...COMMON,
  method: 'POST',
  path: '/api/enterprises/{number}/rotate-token',
  summary: 'A new token for the box, shown this once; the old one works for 7 more days',
  audit: 'own',
  params: EnterpriseParams,
  answers: {
    200: {
      description: 'The new token',
      body: z.object({ token: z.string(), previous_token_until: Time }),
    },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const rotateSecret = {
  ...COMMON,
  method: 'POST',
  path: '/api/enterprises/{number}/rotate-secret',
  summary: 'A new secret (clientId), shown this once; the old one ends at once',
  audit: 'own',
  params: EnterpriseParams,
  answers: {
    200: { description: 'The new secret', body: z.object({ secret: z.string() }) },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const testTelegram = {
  ...COMMON,
  method: 'POST',
  path: '/api/enterprises/{number}/test-message',
  summary:
    'Sends a test message to the Telegram chat, with unsaved settings from the body; by the stored ones a pause ends when it arrives',
  params: EnterpriseParams,
  body: EnterpriseChanges.pick({ bot_token: true, chat_id: true }).default({}),
  audit: 'none',
  answers: {
    200: {
      description: 'What came of it',
      body: z.object({ ok: z.boolean(), problem: z.string().nullable(), took_ms: z.number() }),
    },
    400: notJson,
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const enterpriseContracts: Contract[] = [
  listEnterprises,
  createEnterprise,
  getEnterprise,
  changeEnterprise,
  deleteEnterprise,
  rotateToken,
  rotateSecret,
  testTelegram,
];
