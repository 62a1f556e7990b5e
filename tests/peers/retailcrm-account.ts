import * as z from 'zod';

import type { CallEvent, IntegrationModule, UploadedCall } from './retailcrm-formats.ts';

const SCOPES = [
  'telephony_read',
  'telephony_write',
  'integration_read',
  'integration_write',
  'customer_read',
  'customer_write',
  'user_read',
] as const;
export type Scope = (typeof SCOPES)[number];

const User = z.strictObject({
  id: z.int(),
  firstName: z.string(),
  lastName: z.string().default(''),
  email: z.string().default(''),
  /** The extension. A module's `additionalCodes` overwrite it. */
  code: z.string().nullable().default(null),
  active: z.boolean().default(true),
  status: z.enum(['free', 'busy', 'dinner', 'break']).default('free'),
});
const Customer = z.strictObject({
  phone: z.string(),
  managerId: z.int().nullable().default(null),
  name: z.string().default(''),
});
export type User = z.output<typeof User>;
export type Customer = z.output<typeof Customer>;

/** What the control API may set. Lists replace what was there. */
export const AccountPatch = z.strictObject({
  key: z.string().min(4).optional(),
  /** A further key that may do only this. */
  limitedKey: z
    .strictObject({ key: z.string().min(4), scopes: z.array(z.enum(SCOPES)) })
    .optional(),
  users: z.array(User).optional(),
  customers: z.array(Customer).optional(),
  /** Switches telephony on without a registration, for tests about something else. */
  telephony: z.boolean().optional(),
  /** No source says how an unknown manager looks, so each shape can be asked for. */
  unknownManager: z.enum(['absent', 'null', 'not_found']).optional(),
  /** Nor whether a repeated upload brings its recording to the stored call. */
  repeatedUpload: z.enum(['adds_record', 'ignored']).optional(),
});

export type PopUp = {
  callExternalId: string;
  type: CallEvent['type'];
  phone: string;
  codes: string[];
  userIds: number[];
  hangupStatus: string | null;
  /** Requests that asked for it; `repeats` of them said nothing new. */
  count: number;
  repeats: number;
  events: { sequence: number; at: string; event: CallEvent }[];
};

export type JournalEntry = UploadedCall & {
  key: string;
  userId?: number | undefined;
  uploads: { sequence: number; at: string; recordUrl: string | null; duplicate: boolean }[];
};

export type Note = { id: number; customerId: number; text: string; sequence: number; at: string };

export type Account = ReturnType<typeof createAccount>;

export function createAccount(name: string, patch: z.input<typeof AccountPatch> = {}) {
  const account = {
    name,
    keys: new Map<string, readonly Scope[]>(),
    users: [] as User[],
    customers: [] as Customer[],
    modules: new Map<string, IntegrationModule>(),
    popups: new Map<string, PopUp>(),
    journal: new Map<string, JournalEntry>(),
    notes: [] as Note[],
    unknownManager: 'absent' as 'absent' | 'null' | 'not_found',
    repeatedUpload: 'adds_record' as 'adds_record' | 'ignored',
  };
  patchAccount(account, AccountPatch.parse(patch));
  return account;
}

export function patchAccount(account: Account, patch: z.output<typeof AccountPatch>): void {
  const { key, limitedKey, telephony, users, customers, unknownManager, repeatedUpload } = patch;
  if (key !== undefined) account.keys = new Map([[key, SCOPES]]);
  if (limitedKey) account.keys.set(limitedKey.key, limitedKey.scopes);
  if (users) account.users = users;
  if (customers) account.customers = customers;
  if (unknownManager) account.unknownManager = unknownManager;
  if (repeatedUpload) account.repeatedUpload = repeatedUpload;
  if (telephony === true) account.modules.set(CONTROL_MODULE.code, structuredClone(CONTROL_MODULE));
  if (telephony === false) account.modules.clear();
}

const CONTROL_MODULE: IntegrationModule = {
  code: 'control',
  active: true,
  name: 'Switched on through /control',
  baseUrl: 'http://127.0.0.1',
  integrations: { telephony: {} },
};

export function hasTelephony({ modules }: Account): boolean {
  return [...modules.values()].some(
    (module) => module.active !== false && module.integrations?.telephony,
  );
}

/**
 * Edits top-level fields one by one, but telephony as a whole: leaving `additionalCodes` out takes
 * every user's extension away, as it does on the real account.
 */
export function editModule(account: Account, module: IntegrationModule): void {
  const before = account.modules.get(module.code);
  const integrations = { ...before?.integrations, ...module.integrations };
  account.modules.set(module.code, { active: true, ...before, ...module, integrations });
  const telephony = module.integrations?.telephony;
  if (!telephony) return;
  const codes = new Map(telephony.additionalCodes?.map(({ userId, code }) => [userId, code]));
  for (const user of account.users) user.code = codes.get(user.id) ?? null;
}

export function showPopUp(
  account: Account,
  event: CallEvent,
  { sequence, at }: { sequence: number; at: string },
): { notExistCodes: string[]; notExistUsers: number[] } {
  const { codes = [], userIds = [], type, phone } = event;
  const known = new Set(account.users.map(({ code }) => code));
  const ids = new Set(account.users.map(({ id }) => id));
  const callExternalId = event.callExternalId ?? phone;
  const key = JSON.stringify([callExternalId, type]);
  const popup = account.popups.get(key) ?? {
    callExternalId,
    type,
    phone,
    codes: [],
    userIds: [],
    hangupStatus: null,
    count: 0,
    repeats: 0,
    events: [],
  };
  const same = JSON.stringify(event);
  popup.count += 1;
  popup.repeats += popup.events.some((earlier) => JSON.stringify(earlier.event) === same) ? 1 : 0;
  popup.codes = [...new Set([...popup.codes, ...codes.filter((code) => known.has(code))])];
  popup.userIds = [...new Set([...popup.userIds, ...userIds.filter((id) => ids.has(id))])];
  popup.hangupStatus = event.hangupStatus ?? popup.hangupStatus;
  popup.events.push({ sequence, at, event });
  account.popups.set(key, popup);
  return {
    notExistCodes: codes.filter((code) => !known.has(code)),
    notExistUsers: userIds.filter((id) => !ids.has(id)),
  };
}

/** Stores a call once per `externalId`; false when it was there already. */
export function storeCall(
  account: Account,
  call: UploadedCall,
  { sequence, at }: { sequence: number; at: string },
): boolean {
  // Without an externalId nothing tells a repetition from a second call.
  const key = call.externalId ?? `#${sequence}.${account.journal.size}`;
  const stored = account.journal.get(key);
  const upload = { sequence, at, recordUrl: call.recordUrl ?? null, duplicate: Boolean(stored) };
  if (!stored) {
    account.journal.set(key, { key, ...call, uploads: [upload] });
    return true;
  }
  stored.uploads.push(upload);
  if (account.repeatedUpload === 'adds_record') stored.recordUrl ??= call.recordUrl;
  return false;
}

/** Returns the id of the new customer. */
export function addCustomer(account: Account, customer: Customer): number {
  account.customers.push(customer);
  return account.customers.length;
}

export function findCustomer({ customers }: Account, phone: string): Customer | undefined {
  return customers.find((customer) => digits(customer.phone) === digits(phone));
}

function digits(phone: string): string {
  return phone.replaceAll(/\D/g, '');
}

export function countEffects({ popups, journal, customers, notes }: Account) {
  const shown = [...popups.values()];
  const calls = [...journal.values()];
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    popups: shown.length,
    popupRequests: sum(shown.map(({ count }) => count)),
    popupRepeats: sum(shown.map(({ repeats }) => repeats)),
    customers: customers.length,
    notes: notes.length,
    journal: calls.length,
    uploads: sum(calls.map(({ uploads }) => uploads.length)),
    duplicates: sum(calls.map(({ uploads }) => uploads.filter((each) => each.duplicate).length)),
  };
}
