import { createHash } from 'node:crypto';

import * as z from 'zod';

const SCOPES = ['crm', 'telephony', 'user', 'user_basic'] as const;
export type Scope = (typeof SCOPES)[number];

const User = z.strictObject({
  id: z.int(),
  firstName: z.string(),
  lastName: z.string().default(''),
  extension: z.string().nullable().default(null),
  active: z.boolean().default(true),
});
export type User = z.output<typeof User>;
const Entity = z.strictObject({
  kind: z.enum(['CONTACT', 'LEAD', 'COMPANY']),
  id: z.int(),
  name: z.string().default(''),
  phone: z.string(),
  assignedTo: z.int().nullable().default(null),
});
export type Entity = z.output<typeof Entity>;

/** What the control API may set. Lists replace what was there. */
export const PortalPatch = z.strictObject({
  secret: z.string().min(4).optional(),
  /** A further webhook that may do only this. */
  limitedWebhook: z
    .strictObject({ secret: z.string().min(4), scopes: z.array(z.enum(SCOPES)) })
    .optional(),
  users: z.array(User).optional(),
  entities: z.array(Entity).optional(),
  /** The newer documents' portal: register and finish only for applications. */
  wrongAuthType: z.boolean().optional(),
  /** Whether the webhook's owner may read the call statistics. */
  statisticsView: z.boolean().optional(),
  /** Whether the webhook's owner may make leads. */
  mayAddLeads: z.boolean().optional(),
  /** Whether the search for calls finds cards at all, or only the index of numbers does. */
  searchFinds: z.boolean().optional(),
  /** Numbers are found only as they are spelled on the card. */
  exactPhones: z.boolean().optional(),
  /** Seconds of run time that one request to a method costs. */
  operatingCost: z.record(z.string(), z.number().nonnegative()).optional(),
  /** What the link of a recording answers to the portal. */
  recordStatus: z.int().optional(),
  applicationToken: z.string().min(4).optional(),
  /** The outbound webhook: where ONEXTERNALCALLSTART goes. */
  eventsUrl: z.url().nullable().optional(),
});

export type LiveCall = {
  callId: string;
  externalCallId: string | null;
  userId: number;
  phone: string;
  type: number;
  line: string | null;
  startedAt: number;
};

export type JournalEntry = {
  id: number;
  callId: string;
  externalCallId: string | null;
  userId: number;
  phone: string;
  line: string | null;
  type: number;
  duration: number;
  statusCode: string;
  /** What the vendor makes of the duration, whatever the code says. */
  successful: boolean;
  startedAt: string;
  record: { fileId: number; url: string | null; fileName: string; attached: number } | null;
};

export type Card = {
  callId: string;
  userId: number;
  shown: boolean;
  times: number;
  hidden: number;
};

export type Comment = {
  id: number;
  entityType: string;
  entityId: number;
  text: string;
  at: string;
};

export type Portal = ReturnType<typeof createPortal>;

export function createPortal(name: string, patch: z.input<typeof PortalPatch> = {}) {
  const portal = {
    name,
    webhooks: new Map<string, { userId: number; scopes: readonly Scope[] }>(),
    users: [] as User[],
    entities: [] as Entity[],
    wrongAuthType: false,
    statisticsView: true,
    mayAddLeads: true,
    searchFinds: true,
    exactPhones: false,
    operatingCost: {} as Record<string, number>,
    recordStatus: 200,
    applicationToken: `token-${name}`,
    eventsUrl: null as string | null,
    /** Registered and not finished. */
    live: new Map<string, LiveCall>(),
    journal: [] as JournalEntry[],
    /** Journal entries that count as missed calls. */
    missed: [] as number[],
    cards: new Map<string, Card>(),
    comments: [] as Comment[],
    registered: 0,
    registeredAgain: 0,
    finishedAgain: 0,
    nextId: 1,
  };
  patchPortal(portal, PortalPatch.parse(patch));
  return portal;
}

export function patchPortal(portal: Portal, patch: z.output<typeof PortalPatch>): void {
  const { secret, limitedWebhook, ...settings } = patch;
  if (secret !== undefined) portal.webhooks = new Map([[secret, { userId: 1, scopes: SCOPES }]]);
  if (limitedWebhook) {
    const { scopes } = limitedWebhook;
    portal.webhooks.set(limitedWebhook.secret, { userId: 1, scopes });
  }
  for (const [field, value] of Object.entries(settings)) {
    if (value !== undefined) Object.assign(portal, { [field]: value });
  }
}

export function forgetEffects(portal: Portal): void {
  portal.live.clear();
  portal.cards.clear();
  Object.assign(portal, {
    journal: [],
    comments: [],
    missed: [],
    registered: 0,
    registeredAgain: 0,
    finishedAgain: 0,
  });
}

export function makeCallId(portal: Portal, at: number): string {
  const hash = createHash('md5')
    .update(`${portal.name}.${portal.nextId++}`)
    .digest('hex');
  return `externalCall.${hash}.${Math.floor(at / 1000)}`;
}

export function setCard(portal: Portal, callId: string, userId: number, shown: boolean): void {
  const key = `${callId} ${userId}`;
  const card = portal.cards.get(key) ?? { callId, userId, shown: false, times: 0, hidden: 0 };
  card.shown = shown;
  if (shown) card.times += 1;
  else card.hidden += 1;
  portal.cards.set(key, card);
}

export function countEffects(portal: Portal) {
  const { journal, missed, cards, live, entities, comments } = portal;
  const ids = journal.flatMap(({ externalCallId }) => externalCallId ?? []);
  const all = [...cards.values()];
  return {
    registered: portal.registered,
    registeredAgain: portal.registeredAgain,
    finishedAgain: portal.finishedAgain,
    live: live.size,
    journal: journal.length,
    /** Calls entered more than once. */
    doubled: ids.length - new Set(ids).size,
    missed: missed.length,
    entities: entities.length,
    comments: comments.length,
    records: journal.filter(({ record }) => record).length,
    cardsShown: all.reduce((total, { times }) => total + times, 0),
    cardsOpen: all.filter(({ shown }) => shown).length,
  };
}

export function digitsOf(phone: string): string {
  return phone.replaceAll(/\D/g, '');
}
