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
export const CALL_STEPS = ['dial', 'bridge', 'hangup', 'recording', 'download'] as const;
export type CallStep = (typeof CALL_STEPS)[number];

/** What is told of a chat with people: it was asked for, somebody took it, somebody said something, it is over. */
export const CHAT_STEPS = ['chat', 'chat_accepted', 'chat_message', 'chat_closed'] as const;
export type ChatStep = (typeof CHAT_STEPS)[number];

export const STEPS = [...CALL_STEPS, ...CHAT_STEPS] as const;
export type Step = (typeof STEPS)[number];
