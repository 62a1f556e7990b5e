import * as z from 'zod';

import { isSealed } from '../secrets.ts';
import { addressOf, AmocrmConfig } from './amocrm/config.ts';
import { Bitrix24Config } from './bitrix24/config.ts';
import { INTEGRATION_TYPES, type IntegrationType } from './crm.schema.ts';
import { RetailcrmConfig } from './retailcrm/config.ts';
import { WebhookConfig } from './webhook/config.ts';

/** The settings of each kind of integration, as they are used: secrets opened. */
export const CONFIG_SCHEMAS = {
  retailcrm: RetailcrmConfig,
  bitrix24: Bitrix24Config,
  amocrm: AmocrmConfig,
  webhook: WebhookConfig,
} as const satisfies Record<IntegrationType, z.ZodObject>;

/** Settings that are stored sealed. */
export const SECRET_FIELDS: Record<IntegrationType, readonly string[]> = {
  retailcrm: ['api_key', 'client_id'],
  bitrix24: ['webhook_url', 'application_token'],
  amocrm: ['client_secret', 'access_token', 'refresh_token'],
  webhook: ['secret', 'previous_secret'],
};

/** As people know them. */
export const TITLES: Record<IntegrationType, string> = {
  retailcrm: 'RetailCRM',
  bitrix24: 'Bitrix24',
  amocrm: 'amoCRM',
  webhook: 'Webhook',
};

/** Settings that we keep ourselves: what is sent for them is ignored. */
export const OWN_FIELDS: Record<IntegrationType, readonly string[]> = {
  retailcrm: ['client_id'],
  bitrix24: [],
  amocrm: [],
  webhook: ['previous_secret', 'previous_secret_until'],
};

/** Settings that hold an address we connect to, and how it is read. */
export const ADDRESS_FIELDS: Record<
  IntegrationType,
  Readonly<Record<string, (value: string) => string | undefined>>
> = {
  retailcrm: { api_url: (url) => url },
  bitrix24: { webhook_url: (url) => url },
  amocrm: { subdomain: addressOf },
  webhook: { url: (url) => url },
};

/** The setting by which a CRM names the enterprise when it calls us: made once, found by its hash. */
export const CLIENT_ID_FIELD = { type: 'retailcrm', field: 'client_id' } as const;

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

/** A sealed secret says nothing of its form: it had that when it was saved. */
function isComplete(parsed: z.ZodSafeParseResult<unknown>, stored: object): boolean {
  if (parsed.success) return true;
  const values = new Map<PropertyKey, unknown>(Object.entries(stored));
  return parsed.error.issues.every(({ path: [field = ''] }) => {
    const value = values.get(field);
    return typeof value === 'string' && isSealed(value);
  });
}
