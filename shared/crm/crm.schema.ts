/** The kinds of integration, in the order in which people see them. */
export const INTEGRATION_TYPES = ['retailcrm', 'bitrix24', 'amocrm', 'webhook'] as const;
export type IntegrationType = (typeof INTEGRATION_TYPES)[number];

/** Those that know who looks after a client, in the order in which they are believed. */
export const LOOKUP_TYPES = [
  'retailcrm',
  'bitrix24',
  'amocrm',
] as const satisfies IntegrationType[];
export type LookupType = (typeof LOOKUP_TYPES)[number];

/** What is told of a call, one after the other. */
export const STEPS = ['dial', 'bridge', 'hangup', 'recording', 'download'] as const;
export type Step = (typeof STEPS)[number];
