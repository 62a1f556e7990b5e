import type * as z from 'zod';

import {
  EnterpriseChanges,
  type Enterprise,
} from '../../../../../shared/enterprises/enterprises.schema.ts';
import type { Complaining } from './complaints.ts';

export const TEXTS = ['ip', 'host', 'ssh_user', 'chat_id', 'custom_domain'] as const;
export const NUMBERS = ['ssh_port', 'custom_port', 'scheme_count', 'gsm_line_count'] as const;
export const FLAGS = [
  'active',
  'is_enabled',
  'parameter_option_1',
  'parameter_option_2',
  'parameter_option_3',
  'parameter_option_4',
  'parameter_option_5',
] as const;

/** How the box is logged in to: as all of them, or by what is stored for this one. */
export type SshLogin = 'common' | 'password' | 'key';

/** What stands in the form. What is stored and never shown begins empty, and empty leaves it as it is. */
export type Values = Record<(typeof TEXTS)[number], string> &
  Record<(typeof NUMBERS)[number], number | ''> &
  Record<(typeof FLAGS)[number], boolean> & {
    name: string;
    timezone: string;
    bot_token: string;
    removes_bot: boolean;
    ssh_login: SshLogin;
    ssh_password: string;
    ssh_key: string;
  };

export type Changes = z.input<typeof EnterpriseChanges>;

/** What a group of fields is given. */
export type FieldsProps = {
  enterprise: Enterprise;
  values: Values;
  set: <Name extends keyof Values>(name: Name, value: Values[Name]) => void;
  errorOf: (name: Complaining) => string | undefined;
};

export function valuesOf(enterprise: Enterprise): Values {
  const pick = <Name extends keyof Enterprise, Shown>(
    names: readonly Name[],
    show: (value: Enterprise[Name]) => Shown,
  ) =>
    Object.fromEntries(names.map((name) => [name, show(enterprise[name])])) as Record<Name, Shown>;
  return {
    name: enterprise.name,
    timezone: enterprise.timezone,
    ...pick(TEXTS, (value) => value ?? ''),
    ...pick(NUMBERS, (value) => value ?? ('' as const)),
    ...pick(FLAGS, (value) => value),
    bot_token: '',
    removes_bot: false,
    ssh_login: enterprise.ssh_credentials ?? 'common',
    ssh_password: '',
    ssh_key: '',
  };
}

/** What of the form differs from what is stored; null removes. */
export function changesOf(enterprise: Enterprise, values: Values): Changes {
  const before = valuesOf(enterprise);
  const changed = <Name extends keyof Values>(names: readonly Name[]): [Name, unknown][] =>
    names
      .filter((name) => values[name] !== before[name])
      .map((name) => [name, values[name] === '' ? null : values[name]]);
  const { ssh_login: login, bot_token: bot } = values;
  return {
    ...Object.fromEntries(changed([...TEXTS, ...NUMBERS, ...FLAGS])),
    ...(values.name !== before.name && { name: values.name }),
    ...(values.timezone !== before.timezone && { timezone: values.timezone }),
    ...(bot !== '' && { bot_token: bot }),
    ...(bot === '' && values.removes_bot && { bot_token: null }),
    ...(login === 'common' &&
      before.ssh_login !== 'common' && { ssh_password: null, ssh_key: null }),
    ...(login === 'password' &&
      values.ssh_password !== '' && { ssh_password: values.ssh_password }),
    ...(login === 'key' && values.ssh_key.trim() !== '' && { ssh_key: values.ssh_key.trim() }),
  };
}

/** The fields that cannot be stored as they stand. */
export function wrongFields(enterprise: Enterprise, values: Values): Set<string> {
  const { error } = EnterpriseChanges.safeParse(changesOf(enterprise, values));
  const wrong = new Set(error?.issues.map(({ path }) => String(path[0])));
  const { ssh_login: login } = values;
  const isNewLogin = login !== (enterprise.ssh_credentials ?? 'common');
  if (isNewLogin && login === 'password' && values.ssh_password === '') wrong.add('ssh_password');
  if (isNewLogin && login === 'key' && values.ssh_key.trim() === '') wrong.add('ssh_key');
  return wrong;
}
