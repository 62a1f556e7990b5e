import * as z from 'zod';

import { CallItem } from '../calls/call-list.schema.ts';
import { ChatMessage, ChatState } from '../chat/visitor.schema.ts';
import { Delivery } from '../integrations/deliveries.schema.ts';

/** What may be listened to. */
export const LiveKind = z.enum(['calls', 'deliveries', 'chats']);
export type LiveKind = z.output<typeof LiveKind>;

/** The address of the socket carries the kind and nothing else: secrets in addresses end up in logs. */
export const ConnectQuery = z.strictObject({ live: LiveKind });

const Credential = z.string().min(1).max(200);

/** The first frame, within 5 seconds: a ticket for pages, the secret of the enterprise for programs. */
export const AuthFrame = z.union([
  z.strictObject({ type: z.literal('auth'), ticket: Credential }),
  z.strictObject({ type: z.literal('auth'), secret: Credential }),
]);
export type AuthFrame = z.output<typeof AuthFrame>;

/** What a client sends: `auth`, and after `ready` a `ping` every few minutes (10 silent ones end the connection). */
export const ClientFrame = z.union([AuthFrame, z.object({ type: z.literal('ping') })]);
export type ClientFrame = z.output<typeof ClientFrame>;

/** What a client gets. Of an unknown type more may come: ignore it. */
export const ServerFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    live: LiveKind,
    enterprise: z.string().nullable().describe('Null: all of them'),
  }),
  z.object({ type: z.literal('pong') }),
  z.object({ type: z.literal('error'), detail: z.string() }),
  z.object({ type: z.literal('call'), enterprise: z.string(), call: CallItem }),
  z
    .object({
      type: z.literal('call_merged'),
      enterprise: z.string(),
      id: z.uuid(),
      into: z.uuid(),
    })
    .describe('Two calls turned out to be one: this one is no more'),
  z
    .object({ type: z.literal('delivery'), enterprise: z.string(), delivery: Delivery })
    .describe('A delivery was sent, failed, was put off or left out'),
  z
    .object({
      type: z.literal('chat'),
      chat_id: z.uuid(),
      session_id: z.uuid(),
      state: ChatState,
      manager_name: z.string().nullable(),
    })
    .describe('A chat was handed over, accepted, closed, rated'),
  z.object({
    type: z.literal('chat_message'),
    chat_id: z.uuid(),
    session_id: z.uuid(),
    message: ChatMessage,
  }),
  z.object({ type: z.literal('chat_typing'), chat_id: z.uuid(), session_id: z.uuid() }),
]);
export type ServerFrame = z.output<typeof ServerFrame>;
