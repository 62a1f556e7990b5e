import * as z from 'zod';

import { ChatMessage, LONGEST_TEXT } from '../chat/visitor.schema.ts';
import type { Contract } from '../contract.ts';
import { ErrorBody, ValidationErrorBody } from '../error.schema.ts';

const Time = z.iso.datetime();
const ManagerId = z.string().regex(/^[1-9]\d{0,15}$/);
const Name = z.string().trim().min(1).max(60);

const Person = z.object({ id: ManagerId, name: z.string() });

export const SupportChat = z
  .object({
    id: z.uuid(),
    number: z.int(),
    session_id: z.uuid(),
    kind: z.enum(['live', 'offline']),
    state: z.enum(['waiting', 'active', 'closed']),
    visitor: z.object({
      name: z.string().nullable(),
      phone: z.string().nullable(),
      page: z.string(),
    }),
    manager: Person.nullable().describe('Who owns it, or did when it was closed'),
    question: z.string().nullable(),
    last_message: z.string().nullable(),
    requested_at: Time,
    accepted_at: Time.nullable(),
    first_answer_at: Time.nullable(),
    last_activity_at: Time,
    closed_at: Time.nullable(),
    closed_by: z.enum(['manager', 'visitor', 'silence']).nullable(),
    rating: z.int().min(1).max(5).nullable(),
    rating_comment: z.string().nullable(),
  })
  .meta({ id: 'SupportChat' });
export type SupportChat = z.output<typeof SupportChat>;

const ManagerItem = z
  .object({
    telegram_id: ManagerId,
    name: z.string(),
    extension: z.string().nullable(),
    is_admin: z.boolean(),
    status: z.enum(['online', 'offline', 'paused']),
    max_active_chats: z.int(),
    open_chats: z.int(),
    shift_started_at: Time.nullable(),
  })
  .meta({ id: 'ChatManager' });
export type ManagerItem = z.output<typeof ManagerItem>;

export const ChatSettings = z.object({
  ai_prompt: z.string().max(20_000),
  greeting: z.string().max(2_000),
  escalate_after_seconds: z.int().min(10).max(600),
  idle_close_minutes: z.int().min(6).max(1_440),
});
export type ChatSettings = z.output<typeof ChatSettings>;

const forbidden = { description: 'Not allowed', body: ErrorBody };
const invalid = { description: 'A field is missing or wrong', body: ValidationErrorBody };
const badJson = { description: 'The body is not JSON', body: ErrorBody };
const notThere = { description: 'There is no such chat', body: ErrorBody };
const conflict = { description: 'The chat has moved on', body: ErrorBody };

const OPEN = { auth: 'superadmin or key', cors: 'none' } as const;
const OWN = { auth: 'superadmin', cors: 'none' } as const;
const ofChat = { params: z.object({ id: z.uuid() }) };
const done = { description: 'Done', body: z.object({ success: z.literal(true) }) };
const writes = { 400: badJson, 403: forbidden, 404: notThere, 409: conflict, 422: invalid };

export const listChats = {
  ...OPEN,
  method: 'GET',
  path: '/api/chats',
  summary: 'Chats with people, newest first',
  query: z.object({
    state: z.enum(['waiting', 'active', 'closed']).optional(),
    manager: ManagerId.optional(),
    search: z
      .string()
      .max(100)
      .optional()
      .describe('Part of the name or of the phone, or the number'),
    from: z.iso.datetime({ offset: true }).optional(),
    to: z.iso.datetime({ offset: true }).optional(),
    cursor: z.string().max(300).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  answers: {
    200: {
      description: 'A page',
      body: z.object({ items: z.array(SupportChat), next_cursor: z.string().nullable() }),
    },
    403: forbidden,
    422: invalid,
  },
} as const satisfies Contract;

export const getChat = {
  ...OPEN,
  ...ofChat,
  method: 'GET',
  path: '/api/chats/{id}',
  summary: 'A chat: what was said in its session, who was in it, what happened when',
  answers: {
    200: {
      description: 'The chat',
      body: SupportChat.extend({
        messages: z.array(
          ChatMessage.extend({ delivered_at: Time.nullable(), read_at: Time.nullable() }),
        ),
        managers: z.array(
          Person.extend({
            role: z.enum(['owner', 'guest']),
            joined_at: Time,
            left_at: Time.nullable(),
          }),
        ),
        timeline: z.array(
          z.object({
            at: Time,
            kind: z.string(),
            manager: Person.nullable(),
            details: z.record(z.string(), z.unknown()),
          }),
        ),
      }),
    },
    403: forbidden,
    404: notThere,
    422: invalid,
  },
} as const satisfies Contract;

export const assignChat = {
  ...OPEN,
  ...ofChat,
  method: 'POST',
  path: '/api/chats/{id}/assign',
  summary: 'Gives a chat to a manager, whoever has it now',
  body: z.object({ manager_id: ManagerId }),
  answers: { 200: done, ...writes },
} as const satisfies Contract;

export const closeChat = {
  ...OPEN,
  ...ofChat,
  method: 'POST',
  path: '/api/chats/{id}/close',
  summary: 'Ends a chat',
  answers: { 200: done, 403: forbidden, 404: notThere, 409: conflict, 422: invalid },
} as const satisfies Contract;

export const postMessage = {
  ...OPEN,
  ...ofChat,
  method: 'POST',
  path: '/api/chats/{id}/messages',
  summary: 'Says something to the visitor; the managers of the chat see it',
  body: z.object({
    text: z.string().trim().min(1).max(LONGEST_TEXT),
    manager_name: Name.optional().describe('Whom the visitor sees; else the name of the key'),
    client_id: z.string().min(1).max(64).optional().describe('The same one twice is one message'),
  }),
  answers: {
    200: {
      description: 'Stored',
      body: z.object({ success: z.literal(true), message_id: z.string() }),
    },
    ...writes,
  },
} as const satisfies Contract;

const Figure = z.number().nullable();

export const getStats = {
  ...OPEN,
  method: 'GET',
  path: '/api/chats/stats',
  summary: 'The figures of a time; the last 7 days without one',
  query: z.object({
    from: z.iso.datetime({ offset: true }).optional(),
    to: z.iso.datetime({ offset: true }).optional(),
    format: z.enum(['json', 'csv']).default('json').describe('csv: a table by managers'),
  }),
  answers: {
    200: {
      description: 'The figures; seconds are averages',
      csv: true,
      body: z.object({
        from: Time,
        to: Time,
        totals: z.object({
          sessions: z.int(),
          chats: z.int(),
          offline_requests: z.int(),
          accepted: z.int(),
          closed: z.int(),
          accept_seconds: Figure,
          first_answer_seconds: Figure,
          ai_resolved_share: Figure.describe('0 to 1; null when nobody said anything'),
          rating: Figure,
          ratings: z.int(),
        }),
        days: z.array(
          z.object({ day: z.iso.date(), sessions: z.int(), chats: z.int(), accepted: z.int() }),
        ),
        managers: z.array(
          Person.extend({
            accepted: z.int(),
            accept_seconds: Figure,
            first_answer_seconds: Figure,
            rating: Figure,
            ratings: z.int(),
            shift_hours: z.number(),
          }),
        ),
      }),
    },
    403: forbidden,
    422: invalid,
  },
} as const satisfies Contract;

export const getSettings = {
  ...OWN,
  method: 'GET',
  path: '/api/chats/settings',
  summary: 'What the AI is told, and the times',
  answers: { 200: { description: 'The settings', body: ChatSettings }, 403: forbidden },
} as const satisfies Contract;

export const putSettings = {
  ...OWN,
  method: 'PUT',
  path: '/api/chats/settings',
  summary: 'Changes the settings that are sent',
  body: ChatSettings.partial(),
  answers: {
    200: { description: 'The settings as they are now', body: ChatSettings },
    400: badJson,
    403: forbidden,
    422: invalid,
  },
} as const satisfies Contract;

const managerFields = {
  name: Name,
  extension: z
    .string()
    .regex(/^[0-9*#]{1,10}$/)
    .nullable(),
  is_admin: z.boolean(),
  max_active_chats: z.int().min(1).max(50),
};

export const listManagers = {
  ...OWN,
  method: 'GET',
  path: '/api/managers',
  summary: 'The managers, on shift first',
  answers: {
    200: {
      description: 'All of them',
      body: z.object({ items: z.array(ManagerItem), next_cursor: z.null() }),
    },
    403: forbidden,
  },
} as const satisfies Contract;

export const createManager = {
  ...OWN,
  method: 'POST',
  path: '/api/managers',
  summary: 'Adds a manager; he begins with /start',
  body: z.object({ telegram_id: ManagerId, ...managerFields }).partial({
    extension: true,
    is_admin: true,
    max_active_chats: true,
  }),
  answers: {
    201: { description: 'Added', body: ManagerItem },
    400: badJson,
    403: forbidden,
    409: { description: 'There already', body: ErrorBody },
    422: invalid,
  },
} as const satisfies Contract;

const change = z.object({
  ...managerFields,
  status: z
    .enum(['offline', 'paused', 'removed'])
    .describe('Takes him off shift; his chats are passed on'),
});

export const patchManager = {
  ...OWN,
  method: 'PATCH',
  path: '/api/managers',
  summary: 'Changes a manager; his status too',
  body: change.partial().extend({ telegram_id: ManagerId }),
  answers: {
    200: {
      description: 'As he is now; null when he was removed',
      body: z.object({ manager: ManagerItem.nullable() }),
    },
    400: badJson,
    403: forbidden,
    404: { description: 'There is no such manager', body: ErrorBody },
    422: invalid,
  },
} as const satisfies Contract;

export const patchManagerById = {
  ...patchManager,
  path: '/api/managers/{id}',
  summary: 'The same, by the address',
  params: z.object({ id: ManagerId }),
  body: change.partial(),
} as const satisfies Contract;

export const managerContracts: Contract[] = [
  listChats,
  getStats,
  getSettings,
  putSettings,
  getChat,
  assignChat,
  closeChat,
  postMessage,
  listManagers,
  createManager,
  patchManager,
  patchManagerById,
];
