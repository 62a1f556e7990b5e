import * as z from 'zod';

import { isSealed } from '../secrets.ts';
import { amocrmSettings } from './amocrm/config.ts';
import { bitrix24Settings } from './bitrix24/config.ts';
import { type ChatStep, INTEGRATION_TYPES, type IntegrationType } from './crm.schema.ts';
import { retailcrmSettings } from './retailcrm/config.ts';
import type { IntegrationSettings } from './settings.ts';
import { webhookSettings } from './webhook/config.ts';

/**
 * The settings half of the registry: one line for each kind of integration. Apart from the adapters (registry.ts), so
 * that a function that only reads settings does not carry every vendor's code.
 */
const SETTINGS = {
  retailcrm: retailcrmSettings,
  bitrix24: bitrix24Settings,
  amocrm: amocrmSettings,
  webhook: webhookSettings,
} as const satisfies Record<IntegrationType, IntegrationSettings>;

export const CONFIG_SCHEMAS = ofEach(({ schema }) => schema);
export const SECRET_FIELDS = ofEach(({ secrets }) => secrets);
export const TITLES = ofEach(({ title }) => title);
export const OWN_FIELDS = ofEach(({ own }) => own);
export const ADDRESS_FIELDS = ofEach(({ addresses }) => addresses);

const CHAT_STEPS_OF = ofEach(({ chatSteps }) => chatSteps);

function ofEach<Value>(
  read: (settings: IntegrationSettings) => Value,
): Record<IntegrationType, Value> {
  const all = Object.entries(SETTINGS).map(([type, settings]) => [type, read(settings)]);
  return Object.fromEntries(all) as Record<IntegrationType, Value>; // every type is named
}

/** The setting by which a CRM names the enterprise when it calls us: made once, found by its hash. */
export const CLIENT_ID_FIELD = { type: 'retailcrm', field: 'client_id' } as const;

/** The setting that a CRM shows with every click, to prove that it is the portal it says. */
export const CLICK_TOKEN_FIELD = { type: 'bitrix24', field: 'application_token' } as const;

/** Where CRMs reach us; the addresses are entered there and never change. */
export const CALLBACK_PATHS = {
  makeCall: '/api/crm/retailcrm/make-call',
  userStatus: '/api/crm/retailcrm/user-status',
  portalEvent: '/api/crm/bitrix24/{enterprise_number}/events',
} as const;

/** A secret that both sides must change at once: the one before stays in force for a while, in a setting of its own. */
export const OVERLAP = {
  type: 'webhook',
  field: 'secret',
  previous: 'previous_secret',
  until: 'previous_secret_until',
  hours: 24,
} as const;

const Stored = z.looseObject({ enabled: z.boolean().default(false) });

/** `enterprises.integrations_config` as it stands in the database: secrets sealed, perhaps incomplete. */
export const IntegrationsConfig = z.partialRecord(z.string(), Stored);
export type IntegrationsConfig = z.output<typeof IntegrationsConfig>;

/** The integrations that are owed deliveries: switched on and complete. */
export function workingIntegrations(config: IntegrationsConfig): IntegrationType[] {
  return INTEGRATION_TYPES.filter((type) => {
    const stored = config[type];
    return stored?.enabled === true && isComplete(CONFIG_SCHEMAS[type].safeParse(stored), stored);
  });
}

/** Those of them that are to be told of this step of a chat. */
export function chatIntegrations(config: IntegrationsConfig, step: ChatStep): IntegrationType[] {
  return workingIntegrations(config).filter((type) =>
    CHAT_STEPS_OF[type](config[type] ?? {}).includes(step),
  );
}

/** A sealed secret says nothing of its form: it had that when it was saved. */
function isComplete(parsed: z.ZodSafeParseResult<unknown>, stored: object): boolean {
  if (parsed.success) return true;
  const values = new Map<PropertyKey, unknown>(Object.entries(stored));
  return parsed.error.issues.every(({ path: [field = ''] }) => {
    const value = values.get(field);
    return typeof value === 'string' && isSealed(value);
  });
}
