import type { FormField } from './api.ts';

/** What stands in the form, before it is made to settings. */
export type Values = Record<string, string | number | string[]>;

export type Complaint = 'required' | 'url' | 'pattern' | 'range' | 'half-masked' | 'choices';

const MASK = '••••';

export function valuesOf(fields: FormField[], settings: Record<string, unknown>): Values {
  return Object.fromEntries(
    fields.map(({ name, kind, default: usual }) => {
      const stored = settings[name] ?? usual;
      if (kind === 'choices') return [name, Array.isArray(stored) ? stored.map(String) : []];
      if (kind === 'number') return [name, typeof stored === 'number' ? stored : ''];
      return [name, typeof stored === 'string' ? stored : ''];
    }),
  );
}

/** What is sent: all of the form; an empty field removes the setting, an untouched mask keeps the secret. */
export function settingsOf(fields: FormField[], values: Values): Record<string, unknown> {
  return Object.fromEntries(
    fields.map(({ name }) => {
      const value = values[name];
      return [
        name,
        value === '' || value === undefined
          ? null
          : typeof value === 'string'
            ? value.trim()
            : value,
      ];
    }),
  );
}

/** What is wrong with a field as it stands; nothing when it will do. */
export function complaintOf(
  field: FormField,
  value: Values[string] = '',
  stored?: unknown,
): Complaint | undefined {
  const { kind, required, pattern, minimum = -Infinity, maximum = Infinity } = field;
  if (Array.isArray(value)) return value.length === 0 ? 'choices' : undefined;
  if (value === '') return required ? 'required' : undefined;
  if (kind === 'number')
    return Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum
      ? undefined
      : 'range';
  const text = String(value).trim();
  if (kind === 'secret' && text.includes(MASK)) return text === stored ? undefined : 'half-masked';
  if (kind === 'url' && !/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return 'url';
  return pattern !== undefined && !new RegExp(pattern).test(text) ? 'pattern' : undefined;
}

export const isMask = (value: unknown): boolean =>
  typeof value === 'string' && value.includes(MASK);
