import * as z from 'zod';

import type { Call, ComplexLead, UnsortedCall } from './amocrm-formats.ts';

const User = z.strictObject({ id: z.int(), name: z.string(), email: z.string().default('') });
const Card = z.strictObject({
  id: z.int(),
  name: z.string(),
  phones: z.array(z.string()),
  responsibleUserId: z.int(),
  createdAt: z.int().default(1_700_000_000),
  /** Ids of its active leads, of its customers: they decide where a call is put. */
  leads: z.array(z.int()).default([]),
  customers: z.array(z.int()).default([]),
});
export type Card = z.output<typeof Card>;

/** What the control API may set. Lists replace what was there. */
export const AccountPatch = z.strictObject({
  /** `unpaid`: 402; `blocked`, `disabled` (the integration): 403. */
  state: z.enum(['active', 'unpaid', 'blocked', 'disabled']).optional(),
  clientId: z.string().optional(),
  clientSecret: z.string().optional(),
  redirectUri: z.string().optional(),
  /** Tokens in force from now on, as if they had just been given out. */
  accessToken: z.string().optional(),
  refreshToken: z.string().optional(),
  /** A further token that does not expire. */
  longLivedToken: z.string().optional(),
  users: z.array(User).optional(),
  contacts: z.array(Card).optional(),
  companies: z.array(Card).optional(),
});

export type EntityType = 'contact' | 'company' | 'lead' | 'customer';
export type PopUp = {
  sequence: number;
  at: number;
  phone: string;
  users: number[];
  repeat: boolean;
};
export type LoggedCall = Call & {
  id: number;
  noteId: number;
  entityType: EntityType;
  entityId: number;
  sequence: number;
  at: number;
};
export type StoredUnsorted = UnsortedCall & { uid: string; sequence: number; at: number };

export type Lead = { id: number; name: string; contactId: number | null; sequence: number };
export type TextNote = {
  id: number;
  folder: string;
  entityId: number;
  text: string;
  sequence: number;
  at: number;
};

export type Account = ReturnType<typeof createAccount>;

const DAY_MS = 86_400_000;
/** The same card for the same person within this time is one too many. */
const REPEAT_MS = 60_000;

export function createAccount(
  name: string,
  patch: z.input<typeof AccountPatch>,
  { id, now }: { id: number; now: number },
) {
  const account = {
    id,
    name,
    state: 'active' as 'active' | 'unpaid' | 'blocked' | 'disabled',
    clientId: '',
    clientSecret: '',
    redirectUri: '',
    /** When each access token ends. */
    access: new Map<string, number>(),
    longLived: new Set<string>(),
    refresh: '',
    spent: new Set<string>(),
    /** Ended before they were used. */
    revoked: new Set<string>(),
    users: [] as z.output<typeof User>[],
    contacts: [] as Card[],
    companies: [] as Card[],
    nextId: 1_000,
    ...noEffects(),
  };
  patchAccount(account, AccountPatch.parse(patch), now);
  return account;
}

function noEffects() {
  return {
    popups: [] as PopUp[],
    calls: [] as LoggedCall[],
    unsorted: [] as StoredUnsorted[],
    leads: [] as Lead[],
    notes: [] as TextNote[],
    rotations: [] as { sequence: number; at: number }[],
    /** Refresh tokens that came a second time. */
    reused: 0,
  };
}

export function forgetEffects(account: Account): void {
  Object.assign(account, noEffects());
}

export function patchAccount(
  account: Account,
  { accessToken, refreshToken, longLivedToken, ...rest }: z.output<typeof AccountPatch>,
  now: number,
): void {
  Object.assign(account, rest);
  if (accessToken !== undefined) account.access = new Map([[accessToken, now + DAY_MS]]);
  if (refreshToken !== undefined) account.refresh = refreshToken;
  if (longLivedToken !== undefined) account.longLived.add(longLivedToken);
}

/** Cards that hold a number, the oldest first: the last ten digits decide. */
export function cardsWith(cards: Card[], phone: string): Card[] {
  return cards
    .filter(({ phones }) => phones.some((each) => lastDigits(each) === lastDigits(phone)))
    .toSorted((a, b) => a.createdAt - b.createdAt);
}

export function lastDigits(phone: string): string {
  return phone.replaceAll(/\D/g, '').slice(-10);
}

/** Puts a call where the vendor puts it; false when nobody has the number. */
export function storeCall(
  account: Account,
  call: Call,
  { sequence, at }: { sequence: number; at: number },
): LoggedCall | undefined {
  const contact = cardsWith(account.contacts, call.phone)[0];
  const card = contact ?? cardsWith(account.companies, call.phone)[0];
  if (!card) return undefined;
  const [entityType, entityId] = placeOf(card, contact ? 'contact' : 'company');
  const id = account.nextId++;
  const noteId = account.nextId++;
  const logged = { ...call, id, noteId, entityType, entityId, sequence, at };
  account.calls.push(logged);
  return logged;
}

function placeOf(card: Card, type: EntityType): [EntityType, number] {
  const [lead, ...leads] = card.leads;
  const [customer, ...customers] = card.customers;
  if (lead !== undefined && leads.length === 0 && customer === undefined) return ['lead', lead];
  if (customer !== undefined && customers.length === 0 && lead === undefined)
    return ['customer', customer];
  return [type, card.id];
}

/** A lead with its contact, as `complex` makes them. Duplicate control is off, as it is in a new account. */
export function addLead(
  account: Account,
  { name = '', _embedded = {} }: ComplexLead,
  { sequence, at }: { sequence: number; at: number },
): Lead {
  const id = account.nextId++;
  const [contact] = _embedded.contacts ?? [];
  const contactId = contact ? (contact.id ?? account.nextId++) : null;
  if (contact && contact.id === undefined && contactId !== null) {
    const phones = (contact.custom_fields_values ?? [])
      .filter(({ field_code }) => field_code === 'PHONE')
      .flatMap(({ values }) => values.map(({ value }) => String(value)));
    account.contacts.push({
      id: contactId,
      name: contact.name ?? [contact.first_name, contact.last_name].filter(Boolean).join(' '),
      phones,
      responsibleUserId: account.users[0]?.id ?? 0,
      createdAt: Math.floor(at / 1000),
      leads: [id],
      customers: [],
    });
  }
  const lead = { id, name, contactId, sequence };
  account.leads.push(lead);
  return lead;
}

export function hasEntity(account: Account, folder: string, id: number): boolean {
  const leadIds = [...account.contacts, ...account.companies].flatMap(({ leads }) => leads);
  switch (folder) {
    case 'contacts':
      return account.contacts.some((card) => card.id === id);
    case 'companies':
      return account.companies.some((card) => card.id === id);
    default:
      return account.leads.some((lead) => lead.id === id) || leadIds.includes(id);
  }
}

export function showPopUp(
  account: Account,
  { phone, users }: { phone: string; users: number[] | undefined },
  { sequence, at }: { sequence: number; at: number },
): void {
  const known = account.users.map(({ id }) => id);
  const shown = (users ?? known).filter((id) => known.includes(id));
  const repeat = account.popups.some(
    (earlier) =>
      earlier.phone === phone &&
      at - earlier.at < REPEAT_MS &&
      earlier.users.some((id) => shown.includes(id)),
  );
  account.popups.push({ sequence, at, phone, users: shown, repeat });
}

export function countEffects(account: Account) {
  const { popups, calls, unsorted, rotations, reused, users, leads, notes } = account;
  const uniq = (values: (string | undefined)[]) => new Set(values.filter(Boolean)).size;
  return {
    popups: popups.length,
    popupRepeats: popups.filter(({ repeat }) => repeat).length,
    popupsByUser: Object.fromEntries(
      users.map(({ id }) => [id, popups.filter((popup) => popup.users.includes(id)).length]),
    ),
    calls: calls.length,
    callRepeats: calls.length - uniq(calls.map((call) => call.uniq ?? `#${call.id}`)),
    leads: leads.length,
    notes: notes.length,
    unsorted: unsorted.length,
    unsortedRepeats: unsorted.length - uniq(unsorted.map(({ metadata }) => metadata.uniq)),
    rotations: rotations.length,
    reusedRefreshTokens: reused,
  };
}
