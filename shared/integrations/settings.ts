import { randomBytes } from 'node:crypto';

import type * as z from 'zod';

import {
  ADDRESS_FIELDS,
  CLIENT_ID_FIELD,
  CONFIG_SCHEMAS,
  OVERLAP,
  OWN_FIELDS,
  SECRET_FIELDS,
} from '../crm/config.ts';
import type { IntegrationType } from '../crm/crm.schema.ts';
import { maskSecret } from '../crm/exchange-record.ts';
import type { FieldError } from '../errors.ts';
import { isSealed } from '../secrets.ts';
import { DirectLinkHours } from './config.schema.ts';
import { type AddressRules, problemWithAddress } from './public-address.ts';

/** Settings of one integration, secrets opened; perhaps incomplete. */
export type Settings = Record<string, unknown> & { enabled: boolean };

export type Merged = { settings: Settings; errors: FieldError[]; warnings: FieldError[] };

const MASK = '••••';
const WHOLE_MASK = /^••••\S{0,4}$/;
const WITH_LAST_SEGMENT = /^(https?:\/\/.*\/)([^/]+)(\/?)$/;

/** What may be entered for this integration. */
export function fieldsOf(type: IntegrationType): Record<string, z.ZodType> {
  const own = OWN_FIELDS[type];
  const shape: Record<string, z.ZodType> = {
    ...CONFIG_SCHEMAS[type].shape,
  };
  shape['direct_link_hours'] ??= DirectLinkHours;
  return Object.fromEntries(Object.entries(shape).filter(([name]) => !own.includes(name)));
}

/** Whether the settings are all there. */
export function isComplete(type: IntegrationType, settings: Settings): boolean {
  return CONFIG_SCHEMAS[type].safeParse(settings).success;
}

/**
 * Lays what was sent over what is stored: what is not named stays, null and an empty text remove, a mask means the
 * secret behind it. Present values are checked, missing ones are not missed.
 */
export function mergeSettings(
  type: IntegrationType,
  stored: Settings | undefined,
  sent: Record<string, unknown>,
): Merged {
  const merged: Merged = { settings: { enabled: false, ...stored }, errors: [], warnings: [] };
  const fields = fieldsOf(type);
  for (const [name, value] of Object.entries(sent)) {
    const path = `${type}.${name}`;
    if (name === 'enabled') {
      if (typeof value === 'boolean') merged.settings.enabled = value;
      else merged.errors.push({ path, message: 'Нужно true или false' });
    } else if (OWN_FIELDS[type].includes(name)) {
      continue;
    } else if (!Object.hasOwn(fields, name)) {
      merged.warnings.push({ path, message: 'Такой настройки нет, она не сохранена' });
    } else if (value === null || value === '') {
      delete merged.settings[name];
    } else {
      setField(merged, { type, name, value, schema: fields[name] });
    }
  }
  return merged;
}

type Field = { type: IntegrationType; name: string; value: unknown; schema: z.ZodType | undefined };

function setField({ settings, errors }: Merged, { type, name, value, schema }: Field): void {
  const path = `${type}.${name}`;
  if (typeof value === 'string' && SECRET_FIELDS[type].includes(name)) {
    if (value.includes(MASK)) {
      if (!isMaskOf(value, settings[name]))
        errors.push({ path, message: 'Под маской ничего не сохранено: введите значение целиком' });
      return;
    }
    // Stored as it is, it would be taken for a secret of ours and never be opened.
    if (isSealed(value)) {
      errors.push({ path, message: 'Такое значение недопустимо' });
      return;
    }
  }
  const result = schema?.safeParse(value);
  if (result?.success) settings[name] = result.data;
  for (const issue of result?.error?.issues ?? []) {
    errors.push({ path: [path, ...issue.path].join('.'), message: issue.message });
  }
}

/** Tokens are renewed while a form is open, so of a secret alone any mask will do; of an address all else must fit. */
function isMaskOf(value: string, stored: unknown): boolean {
  if (typeof stored !== 'string') return false;
  return value === maskSetting(stored) || (WHOLE_MASK.test(value) && !isAddress(stored));
}

const isAddress = (value: string): boolean => WITH_LAST_SEGMENT.test(value);

/** `••••1234`; of an address that is a secret only the end. */
export function maskSetting(value: string): string {
  const [, beginning = '', secret, end = ''] = WITH_LAST_SEGMENT.exec(value) ?? [];
  return secret === undefined ? maskSecret(value) : `${beginning}${maskSecret(secret)}${end}`;
}

/** Settings as a person may see them. */
export function maskSettings(type: IntegrationType, settings: Settings): Settings {
  const shown = Object.entries(settings).filter(([name]) => !isInner(type, name));
  const masked = shown.map(([name, value]): [string, unknown] => [
    name,
    typeof value === 'string' && SECRET_FIELDS[type].includes(name) ? maskSetting(value) : value,
  ]);
  return { enabled: settings.enabled, ...Object.fromEntries(masked) };
}

/** Where a rotation stands is nothing to be shown. */
function isInner(type: IntegrationType, name: string): boolean {
  return type === OVERLAP.type && (name === OVERLAP.previous || name === OVERLAP.until);
}

/** Adds what we keep ourselves: the id a CRM names the enterprise by, and the secret that was just replaced. */
export function withOwnFields(
  type: IntegrationType,
  stored: Settings | undefined,
  settings: Settings,
  now: Date,
): Settings {
  if (type === CLIENT_ID_FIELD.type && typeof settings[CLIENT_ID_FIELD.field] !== 'string') {
    return { ...settings, [CLIENT_ID_FIELD.field]: randomBytes(24).toString('base64url') };
  }
  const before = stored?.[OVERLAP.field];
  if (type === OVERLAP.type && before !== undefined && before !== settings[OVERLAP.field]) {
    const until = new Date(now.getTime() + OVERLAP.hours * 3_600_000).toISOString();
    return { ...settings, [OVERLAP.previous]: before, [OVERLAP.until]: until };
  }
  return settings;
}

/** The addresses among the settings that we would connect to and must not. */
export async function addressErrors(
  type: IntegrationType,
  settings: Settings,
  rules: AddressRules,
): Promise<FieldError[]> {
  const found = await Promise.all(
    Object.entries(ADDRESS_FIELDS[type]).map(async ([name, addressOf]) => {
      const value = settings[name];
      const address = typeof value === 'string' ? addressOf(value) : undefined;
      const message = address && (await problemWithAddress(address, rules));
      return message ? [{ path: `${type}.${name}`, message }] : [];
    }),
  );
  return found.flat();
}
