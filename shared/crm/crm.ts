import type * as z from 'zod';

import type { CallStatus, Direction } from '../calls/call.ts';
import type { OutboundAnswer, OutboundRequest } from '../outbound.ts';
import type { CallStep, ChatStep, IntegrationType } from './crm.schema.ts';

/** What the rest of the code may ask of any CRM. Vendor names, words and types stop here. */
export interface CrmAdapter<Config> {
  readonly type: IntegrationType;
  readonly schema: z.ZodType<Config>;
  /** Steps per second that one account allows; shared by all instances. */
  readonly rate: { perSecond: number; burst: number };
  /** Names the account whose limits are shared. Never a secret. */
  account(config: Config): string;
  /** Tells the CRM one step of a call. Throws VendorFailure; `skipped` when the CRM has nothing for this step. */
  deliver(
    step: DeliveryStep,
    call: CallSnapshot,
    context: CrmContext<Config>,
  ): Promise<DeliveryResult>;
  /** The same for a step of a chat. */
  deliverChat(
    step: ChatDeliveryStep,
    chat: ChatSnapshot,
    context: CrmContext<Config>,
  ): Promise<DeliveryResult>;
  /** Who looks after the client with this number; null when nobody does. Throws VendorFailure. */
  findResponsible(phone: string, context: CrmContext<Config>): Promise<Responsible | null>;
  /** Tries the settings. Never throws for what the vendor or the network does. */
  test(context: CrmContext<Config>): Promise<ConnectionReport>;
  /** The CRM's people, for the map of extensions. Throws VendorFailure. */
  listUsers?(context: CrmContext<Config>): Promise<CrmUser[]>;
  /** Makes the CRM know us, where a CRM needs that before it takes calls. Throws VendorFailure. */
  register?(context: CrmContext<Config>): Promise<void>;
  /** The opposite: the integration was switched off or removed. Throws VendorFailure. */
  unregister?(context: CrmContext<Config>): Promise<void>;
}

export type DeliveryStep = {
  /** Of the delivery: the same over all its attempts. */
  id?: string;
  step: CallStep;
  /** Who rings (dial) or talks (bridge) at the moment the step came to be owed. */
  extensions: string[];
  /** An earlier attempt may have reached the CRM although it ended without an answer. */
  maybeApplied: boolean;
  /** When the step came to be owed. */
  dueAt?: Date;
};

export type ChatDeliveryStep = {
  /** Of the delivery: the same over all its attempts. */
  id: string;
  step: ChatStep;
  maybeApplied: boolean;
  dueAt: Date;
};

/** A chat with people as a CRM is told of it. Times are UTC; `timezone` is the enterprise's. */
export type ChatSnapshot = {
  id: string;
  /** What people call it. */
  number: string;
  sessionId: string;
  enterpriseNumber: string;
  /** `offline`: a question that was left because nobody was there. */
  kind: 'live' | 'offline';
  state: 'waiting' | 'active' | 'closed';
  clientName: string | null;
  /** Digits; null when the visitor left none. */
  phone: string | null;
  question: string | null;
  page: string;
  /** Whose chat it is, or was last. */
  managerName: string | null;
  requestedAt: Date;
  acceptedAt: Date | null;
  closedAt: Date | null;
  closedBy: 'manager' | 'visitor' | 'silence' | null;
  timezone: string;
  /** The message that the step is about. */
  message: ChatLine | null;
  /** Of a chat that has ended: all that was said, the talk with the AI before it included. */
  transcript: ChatLine[];
};

export type ChatLine = {
  id: string;
  sender: 'ai' | 'user' | 'manager';
  text: string;
  managerName: string | null;
  at: Date;
  /** `url` is good for an hour. */
  attachment: { name: string; contentType: string; size: number; url: string | null } | null;
};

/** A call as a CRM is told of it. Times are UTC; `timezone` is the enterprise's. */
export type CallSnapshot = {
  id: string;
  enterpriseNumber?: string;
  mainUniqueId: string;
  direction: Direction;
  status: CallStatus;
  /** Digits; null when hidden. */
  phone: string | null;
  line: string | null;
  rang: string[];
  lastTalkedBy: string | null;
  startedAt: Date;
  endedAt: Date | null;
  waitSeconds: number | null;
  talkSeconds: number | null;
  timezone: string;
  /** The permanent link to the recording, when there is one or will be: it is known before the file is. */
  recordingUrl?: string | undefined;
  /** A link that answers 200 to anybody for an hour, once the file is there: for CRMs that fetch it themselves. */
  recordingDirectUrl?: string | undefined;
  recordingDirectUntil?: Date | undefined;
};

/** What every adapter works with: the extension map, its memory of the call, and the only way to the outside. */
export type CrmTools = {
  /** CRM user id by extension. */
  users: ReadonlyMap<string, string>;
  /** Where this hub is reached by the CRM. */
  publicUrl: string;
  /** One request within the time limits; what it says and hears is logged, secrets masked. Throws OutboundError. */
  send(request: OutboundRequest): Promise<OutboundAnswer>;
  /** What a CRM calls this call or chat (an id of its own), kept between its steps. */
  memory: CrmMemory;
  /**
   * Settings that a CRM renews (tokens), stored sealed. One instance at a time does it: `renew` is given the settings
   * in force by then and returns the ones that change, or undefined when somebody else has just renewed them.
   * Resolves with the settings in force afterwards.
   */
  renewSettings(
    renew: (stored: Record<string, unknown>) => Promise<Record<string, unknown> | undefined>,
  ): Promise<Record<string, unknown>>;
};

export type CrmMemory = {
  read(key: string): Promise<string | null>;
  write(key: string, value: string): Promise<void>;
};

/** The tools with the opened settings of one integration. */
export type CrmContext<Config> = CrmTools & { config: Config };

export type DeliveryResult =
  | { outcome: 'delivered'; note?: string }
  | { outcome: 'skipped'; reason: string };

export type Responsible = {
  extension: string | null;
  userId: string;
  name: string;
  clientName: string | null;
};

/** `extension`: as the CRM has it, where it has one. */
export type CrmUser = { id: string; name: string; extension?: string | null };

export type ConnectionReport = { ok: true } | { ok: false; problem: string; hint: string };
