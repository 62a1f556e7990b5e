import type { SecretBox } from '../secrets.ts';
import { isSealed } from '../secrets.ts';
import { type IntegrationsConfig, SECRET_FIELDS } from './config.ts';
import type { IntegrationType } from './crm.schema.ts';

type Copy = { version: number; config: IntegrationsConfig };

const MAX_COPIES = 500;
const SECRET_PART_LENGTH = 10;

/**
 * Opened settings by enterprise and version, in this instance's memory. The query that loads a delivery says which
 * version is in force, so a change counts from the next delivery on, everywhere, without polling.
 */
export function createConfigCopies(secrets: SecretBox) {
  const copies = new Map<string, Copy>();

  return {
    /** The versions in memory, for the query that brings newer ones. */
    known(): Record<string, number> {
      return Object.fromEntries([...copies].map(([number, { version }]) => [number, version]));
    },
    /** Takes over what the query brought (nothing when the copy was current) and returns the settings in force. */
    current(
      number: string,
      version: number,
      brought: IntegrationsConfig | null,
    ): IntegrationsConfig {
      const copy = brought
        ? { version, config: openSecrets(brought, secrets) }
        : copies.get(number);
      copies.delete(number);
      if (!copy) return {};
      copies.set(number, copy);
      const [oldest] = copies.keys();
      if (copies.size > MAX_COPIES && oldest !== undefined) copies.delete(oldest);
      return copy.config;
    },
  };
}
export type ConfigCopies = ReturnType<typeof createConfigCopies>;

/** The opened settings of one integration when it is switched on; perhaps incomplete. */
export function enabledSettings(
  config: IntegrationsConfig,
  type: IntegrationType,
): Record<string, unknown> | undefined {
  const stored = config[type];
  return stored?.enabled ? stored : undefined;
}

/** The secret values of an integration's settings, to be masked wherever they turn up. */
export function secretValuesOf(settings: Record<string, unknown>, type: IntegrationType): string[] {
  return SECRET_FIELDS[type].flatMap((field) => {
    const value = settings[field];
    return typeof value === 'string' ? secretPartsOf(value) : [];
  });
}

/** Of a secret address the long parts of its path, however the rest is written in a request. */
function secretPartsOf(value: string): string[] {
  const parts = URL.parse(value)?.pathname.split('/') ?? [];
  const long = parts.filter((part) => part.length >= SECRET_PART_LENGTH);
  return long.length > 0 ? long : [value];
}

/** Settings as they come from the database, with every secret opened. */
export function openSecrets(config: IntegrationsConfig, secrets: SecretBox): IntegrationsConfig {
  return mapSecrets(config, (value) => (isSealed(value) ? secrets.open(value) : value));
}

/** Settings as they go into the database: every secret sealed. */
export function sealSecrets(config: IntegrationsConfig, secrets: SecretBox): IntegrationsConfig {
  return mapSecrets(config, (value) => (isSealed(value) ? value : secrets.seal(value)));
}

function mapSecrets(
  config: IntegrationsConfig,
  change: (value: string) => string,
): IntegrationsConfig {
  return Object.fromEntries(
    Object.entries(config).map(([type, settings]) => {
      const fields = SECRET_FIELDS[type as IntegrationType] ?? [];
      const changed = fields.flatMap((field) => {
        const value = settings?.[field];
        return typeof value === 'string' ? [[field, change(value)]] : [];
      });
      return [type, { enabled: false, ...settings, ...Object.fromEntries(changed) }];
    }),
  );
}
