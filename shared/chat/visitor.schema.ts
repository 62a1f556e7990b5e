import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { ErrorBody, ValidationErrorBody } from '../error.schema.ts';

export const ChatState = z.enum(['ai', 'waiting', 'active', 'closed', 'offline']);
export type ChatState = z.output<typeof ChatState>;

export const Sender = z.enum(['ai', 'user', 'manager', 'system']);

/** Bytes. */
export const LARGEST_ATTACHMENT = 10 * 1024 * 1024;
export const LONGEST_TEXT = 4_000;

/** Growing within a session, in the order that messages were stored: what comes `after` one is never before it. */
const MessageId = z.string().regex(/^\d{1,18}$/);

export const Attachment = z.object({
  name: z.string(),
  content_type: z.string(),
  size: z.number().int().describe('Bytes'),
  url: z.string().describe('Good for an hour; ask for the messages again for a new one'),
});

export const ChatMessage = z
  .object({
    id: MessageId,
    sender: Sender,
    text: z.string(),
    attachment: Attachment.optional(),
    manager_name: z.string().optional(),
    client_id: z.string().optional().describe('What the widget called it before it had an id'),
    created_at: z.iso.datetime(),
    edited_at: z.iso.datetime().optional(),
  })
  .meta({ id: 'ChatMessage' });
export type ChatMessage = z.output<typeof ChatMessage>;

const SessionId = z.uuid();
const Text = z.string().trim().min(1).max(LONGEST_TEXT);
const ClientId = z.string().min(1).max(64);
const Name = z.string().trim().min(1).max(100);
const Phone = z.string().trim().min(3).max(40);

const ok = z.object({ success: z.literal(true) });
const ofSession = z.object({ session_id: SessionId });

const forbidden = { description: 'Not the token of this session', body: ErrorBody };
const invalid = { description: 'A field is missing or wrong', body: ValidationErrorBody };
const tooMany = { description: 'Too many; see Retry-After', body: ErrorBody };
const badJson = { description: 'The body is not JSON', body: ErrorBody };

export const createSession = {
  method: 'POST',
  path: '/api/chat/sessions',
  summary: 'Begins a chat; the token is given this once',
  auth: 'none',
  cors: 'sites',
  body: z.object({
    page: z.string().max(2_000),
    referrer: z.string().max(2_000).optional(),
    locale: z.enum(['ru', 'en']).optional(),
  }),
  answers: {
    200: {
      description: 'The new chat',
      body: z.object({
        session_id: SessionId,
        token: z.string(),
        websocket_url: z.string(),
        ai_enabled: z.boolean(),
        history: z.array(ChatMessage),
      }),
    },
    400: badJson,
    422: invalid,
    429: tooMany,
  },
} as const satisfies Contract;

export const listMessages = {
  method: 'GET',
  path: '/api/chat/messages',
  summary: 'What was said after this message, oldest first',
  auth: 'visitor',
  cors: 'sites',
  query: z.object({ after: MessageId.optional() }),
  answers: {
    200: {
      description: 'At most 200 messages; ask again after the last one',
      body: z.object({
        messages: z.array(ChatMessage),
        state: ChatState,
        manager_name: z.string().nullable(),
        rated: z.boolean(),
      }),
    },
    403: forbidden,
    422: invalid,
  },
} as const satisfies Contract;

export const sendMessage = {
  method: 'POST',
  path: '/api/chat/send-message',
  summary: 'Says something; to a closed chat, it goes on with the AI',
  auth: 'visitor',
  cors: 'sites',
  body: ofSession
    .extend({
      message_text: z.string().trim().max(LONGEST_TEXT),
      client_id: ClientId.optional(),
      attachment_id: z.uuid().optional(),
    })
    .refine(({ message_text, attachment_id }) => message_text !== '' || attachment_id, {
      path: ['message_text'],
      message: 'must not be empty',
    }),
  answers: {
    200: {
      description: 'Stored; the same client_id twice is stored once',
      body: ok.extend({ message_id: MessageId }),
    },
    400: badJson,
    403: forbidden,
    422: invalid,
    429: tooMany,
  },
} as const satisfies Contract;

export const transferToManager = {
  method: 'POST',
  path: '/api/chat/transfer-to-manager',
  summary: 'Asks for a human',
  auth: 'visitor',
  cors: 'sites',
  body: ofSession.extend({ client_name: Name.optional(), client_phone: Phone.optional() }),
  answers: {
    200: {
      description: 'A manager is looked for, or nobody is on shift',
      body: z.union([
        ok.extend({
          message: z.string(),
          manager_name: z.string().nullable(),
          chat_id: z.string(),
        }),
        z.object({
          success: z.literal(false),
          error: z.string(),
          message: z.string(),
          offline_form: z.literal(true),
        }),
      ]),
    },
    400: badJson,
    403: forbidden,
    422: invalid,
  },
} as const satisfies Contract;

export const offlineRequest = {
  method: 'POST',
  path: '/api/chat/offline-request',
  summary: 'Leaves a question for when somebody is there',
  auth: 'visitor',
  cors: 'sites',
  body: ofSession.extend({ client_name: Name, client_phone: Phone, question: Text }),
  answers: {
    200: { description: 'Stored', body: ok.extend({ message: z.string() }) },
    400: badJson,
    403: forbidden,
    422: invalid,
    429: tooMany,
  },
} as const satisfies Contract;

export const closeChat = {
  method: 'POST',
  path: '/api/chat/close',
  summary: 'Ends the chat',
  auth: 'visitor',
  cors: 'sites',
  body: ofSession,
  answers: {
    200: { description: 'Closed', body: ok },
    400: badJson,
    403: forbidden,
    422: invalid,
  },
} as const satisfies Contract;

export const rateChat = {
  method: 'POST',
  path: '/api/chat/rating',
  summary: 'Says how it was',
  auth: 'visitor',
  cors: 'sites',
  body: ofSession.extend({
    rating: z.int().min(1).max(5),
    comment: z.string().trim().max(1_000).optional(),
  }),
  answers: {
    200: { description: 'Stored', body: ok },
    400: badJson,
    403: forbidden,
    409: { description: 'There is no closed chat to rate', body: ErrorBody },
    422: invalid,
  },
} as const satisfies Contract;

export const addAttachment = {
  method: 'POST',
  path: '/api/chat/attachments',
  summary: 'Asks where to upload a file, to be named in the next message',
  auth: 'visitor',
  cors: 'sites',
  body: z.object({
    file_name: z.string().trim().min(1).max(200),
    content_type: z.string().max(100),
    size: z.int().min(1).max(LARGEST_ATTACHMENT),
  }),
  answers: {
    200: {
      description: 'PUT the file there with these headers',
      body: z.object({
        attachment_id: z.uuid(),
        upload_url: z.string(),
        headers: z.record(z.string(), z.string()),
        expires_at: z.iso.datetime(),
      }),
    },
    400: badJson,
    403: forbidden,
    422: {
      description: 'A field is wrong, or such a file is not taken',
      body: ValidationErrorBody,
    },
    429: tooMany,
  },
} as const satisfies Contract;

export const visitorContracts = [
  createSession,
  listMessages,
  sendMessage,
  transferToManager,
  offlineRequest,
  closeChat,
  rateChat,
  addAttachment,
] as const satisfies Contract[];

/** The first frame, within 5 seconds. What came after `after` is sent at once, then what happens. */
export const VisitorAuthFrame = z.strictObject({
  type: z.literal('auth'),
  session_id: SessionId,
  token: z.string().min(1).max(200),
  after: MessageId.optional(),
});

/** What a visitor sends afterwards. A message is echoed with its id and client_id: until then it may be sent again. */
export const VisitorFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message'),
    text: z.string().trim().max(LONGEST_TEXT),
    client_id: ClientId,
    attachment_id: z.uuid().optional(),
  }),
  z.object({ type: z.literal('typing') }),
  z.object({ type: z.literal('read'), id: MessageId }),
  z.object({ type: z.literal('ping') }),
]);
export type VisitorFrame = z.output<typeof VisitorFrame>;

const Said = ChatMessage.omit({ sender: true });

/** What a visitor gets. Of an unknown type more may come: ignore it. */
export const VisitorServerFrame = z.union([
  z.object({
    type: z.literal('state'),
    state: ChatState,
    manager_name: z.string().nullable(),
    rated: z.boolean().describe('False: there is a closed chat to be rated'),
  }),
  Said.extend({
    type: z.enum(['ai_message', 'manager_message', 'system_message', 'user_message']),
    draft_id: z.string().optional().describe('The streamed answer that this message is the end of'),
  }),
  z
    .object({
      type: z.literal('ai_message'),
      draft_id: z.string(),
      offset: z.number().int().describe('Characters that came before'),
      delta: z.string(),
    })
    .describe(
      'A part of an answer while the AI writes it; from 0 with nothing it is taken back, on any state but ai too',
    ),
  z.object({
    type: z.literal('typing'),
    who: z.enum(['ai', 'manager']),
    manager_name: z.string().optional(),
  }),
  z.object({
    type: z.literal('message_edited'),
    id: MessageId,
    text: z.string(),
    edited_at: z.iso.datetime(),
  }),
  z.object({ type: z.literal('pong') }),
  z.object({ type: z.literal('error'), detail: z.string() }),
]);
export type VisitorServerFrame = z.output<typeof VisitorServerFrame>;
