import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { INTEGRATION_TYPES } from '../crm/crm.schema.ts';
import { EnterpriseParams, enterpriseRefusals } from '../enterprise.schema.ts';
import { ErrorBody } from '../error.schema.ts';

/** Any integration may ask for links that lead straight to the storage and end after so many hours. */
export const DirectLinkHours = z
  .int()
  .min(1)
  .max(168)
  .optional()
  .describe('Прямые ссылки на записи, часов (пусто: постоянные ссылки)');

export const IntegrationParams = EnterpriseParams.extend({ type: z.enum(INTEGRATION_TYPES) });

const STATES = ['active', 'off', 'error', 'paused', 'not_configured'] as const;
export const IntegrationState = z
  .object({
    state: z.enum(STATES),
    reason: z.string().nullable().describe('Why, in plain words, when it is paused or in error'),
    since: z.iso.datetime().nullable().describe('Paused or in error since'),
  })
  .meta({ id: 'IntegrationState' });
export type IntegrationState = z.output<typeof IntegrationState>;

const FormField = z
  .object({
    name: z.string(),
    label: z.string(),
    kind: z.enum(['text', 'url', 'secret', 'number', 'choices']),
    required: z.boolean(),
    pattern: z.string().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    options: z.array(z.string()).optional(),
    default: z.unknown().optional(),
  })
  .meta({ id: 'FormField' });
export type FormField = z.output<typeof FormField>;

const Settings = z
  .looseObject({ enabled: z.boolean() })
  .describe('Settings of one integration; secrets read ••••1234');

const Integration = IntegrationState.extend({
  type: z.enum(INTEGRATION_TYPES),
  title: z.string(),
  settings: Settings,
  fields: z.array(FormField).describe('What the form of the settings is made of'),
}).meta({ id: 'Integration' });

const Note = z.object({ path: z.string(), message: z.string() });
const notJson = { description: 'The body is not JSON', body: ErrorBody };
const COMMON = { auth: 'enterprise', cors: 'none' } as const satisfies Partial<Contract>;

export const getConfig = {
  ...COMMON,
  method: 'GET',
  path: '/enterprise/{number}/integrations/config',
  summary:
    'The settings of all integrations, secrets masked; with view=admin also states and forms',
  params: EnterpriseParams,
  query: z.object({ view: z.literal('admin').optional() }),
  answers: {
    200: {
      description: 'The settings by type; {} when nothing is stored. Or what the admin shows',
      body: z.union([
        z.strictObject({ config_version: z.number(), integrations: z.array(Integration) }),
        z.record(z.string(), Settings),
      ]),
    },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const saveConfig = {
  ...COMMON,
  method: 'POST',
  path: '/enterprise/{number}/integrations/config',
  summary:
    'Saves settings and lets paused integrations go on. What is not named stays, null removes, a mask keeps the secret',
  audit: 'own',
  params: EnterpriseParams,
  body: z
    .record(z.string(), z.record(z.string(), z.unknown()).nullable())
    .describe('Settings by type'),
  answers: {
    200: {
      description: 'Saved',
      body: z.object({
        success: z.literal(true),
        config_version: z.number(),
        states: z.record(z.string(), IntegrationState),
        warnings: z.array(Note).describe('What was dropped, and what a CRM said to us'),
      }),
    },
    400: notJson,
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const testConnection = {
  ...COMMON,
  method: 'POST',
  path: '/enterprise/{number}/integrations/{type}/test',
  summary:
    'Tries the stored settings, or these over them. When stored ones work a paused integration goes on',
  audit: 'none',
  params: IntegrationParams,
  body: z.record(z.string(), z.unknown()).default({}).describe('Settings that are not saved yet'),
  answers: {
    200: {
      description: 'What came of it',
      body: z.object({
        ok: z.boolean(),
        problem: z.string().optional(),
        hint: z.string().optional(),
        took_ms: z.number(),
        resumed: z.number().optional().describe('Calls that waited and are told of now'),
      }),
    },
    400: notJson,
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

const refusedByCrm = {
  description: 'The CRM did not answer, or refused; the sentence says why',
  body: ErrorBody,
};

export const listCrmUsers = {
  ...COMMON,
  method: 'GET',
  path: '/enterprise/{number}/integrations/{type}/users',
  summary: "The CRM's people, for the map of extensions",
  params: IntegrationParams,
  answers: {
    200: {
      description: 'All of them',
      body: z.object({
        items: z.array(
          z.object({ id: z.string(), name: z.string(), extension: z.string().nullable() }),
        ),
        next_cursor: z.null(),
        supported: z.boolean().describe('False: this integration has no list of people'),
      }),
    },
    ...enterpriseRefusals,
    502: refusedByCrm,
  },
} as const satisfies Contract;

const MOST_ENTRIES = 2_000;
export const Mapped = z
  .object({
    extension: z.string().regex(/^\d{1,5}$/, 'must be one to five digits'),
    crm_user_id: z.string().trim().min(1).max(64),
    crm_user_name: z.string().trim().max(200).nullable().default(null),
  })
  .meta({ id: 'MappedExtension' });
export type Mapped = z.output<typeof Mapped>;

const Mapping = z
  .array(Mapped)
  .max(MOST_ENTRIES)
  .superRefine((rows, context) => {
    const seen = new Set<string>();
    for (const [index, { extension }] of rows.entries()) {
      if (seen.has(extension))
        context.addIssue({ code: 'custom', path: [index, 'extension'], message: 'is there twice' });
      seen.add(extension);
    }
  });

export const getMapping = {
  ...COMMON,
  method: 'GET',
  path: '/enterprise/{number}/integrations/{type}/mapping',
  summary: 'Which extension is which user of the CRM',
  params: IntegrationParams,
  answers: {
    200: {
      description: 'By extension',
      body: z.object({ items: Mapping, next_cursor: z.null() }),
    },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const putMapping = {
  ...COMMON,
  method: 'PUT',
  path: '/enterprise/{number}/integrations/{type}/mapping',
  summary: 'Replaces the map of extensions, and tells the CRM where it keeps one',
  audit: 'own',
  params: IntegrationParams,
  body: z.object({ items: Mapping }),
  answers: {
    200: {
      description: 'As stored',
      body: z.object({
        items: Mapping,
        next_cursor: z.null(),
        warning: z.string().nullable().describe('The map is stored, but the CRM did not take it'),
      }),
    },
    400: notJson,
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const configContracts: Contract[] = [
  getConfig,
  saveConfig,
  testConnection,
  listCrmUsers,
  getMapping,
  putMapping,
];
