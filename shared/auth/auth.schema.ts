import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { ErrorBody, ValidationErrorBody } from '../error.schema.ts';

/** Short ones are guessed; endless ones cost us, not the guesser. */
export const Login = z.string().trim().min(1).max(100);
export const NewPassword = z.string().min(10).max(200);

export const Me = z
  .object({
    login: z.string(),
    name: z.string().nullable(),
    role: z.enum(['superadmin', 'enterprise']),
    enterprise: z
      .object({ number: z.string(), name: z.string(), timezone: z.string() })
      .nullable()
      .describe('Null for a superadmin, who may see all of them.'),
  })
  .meta({ id: 'Me' });

const forbidden = { description: 'Not logged in', body: ErrorBody };
const invalid = { description: 'A field is missing or wrong', body: ValidationErrorBody };
const tooMany = {
  description: 'Five failures in 15 minutes for this login or from this network; see Retry-After',
  body: ErrorBody,
};
const done = z.object({ success: z.literal(true) });

export const logIn = {
  method: 'POST',
  path: '/api/auth/login',
  summary: 'Starts a session: sets the cookie session_token',
  audit: 'own',
  auth: 'none',
  cors: 'none',
  body: z.object({ login: Login, password: z.string().min(1).max(200) }),
  answers: {
    200: { description: 'Logged in', body: Me },
    400: { description: 'The body is not JSON', body: ErrorBody },
    401: { description: 'Unknown login or wrong password', body: ErrorBody },
    403: { description: 'Asked by a page of another origin', body: ErrorBody },
    422: invalid,
    429: tooMany,
  },
} as const satisfies Contract;

export const logOut = {
  method: 'POST',
  path: '/api/auth/logout',
  summary: 'Ends this session, or all sessions of this person',
  audit: 'own',
  auth: 'session',
  cors: 'none',
  body: z.object({ everywhere: z.boolean().default(false) }).default({ everywhere: false }),
  answers: {
    200: { description: 'Logged out', body: done },
    403: forbidden,
    422: invalid,
  },
} as const satisfies Contract;

export const getMe = {
  method: 'GET',
  path: '/api/auth/me',
  summary: 'Who is logged in',
  auth: 'session',
  cors: 'none',
  answers: {
    200: { description: 'The person of this session', body: Me },
    401: { description: 'Not logged in', body: ErrorBody },
  },
} as const satisfies Contract;

export const changePassword = {
  method: 'POST',
  path: '/api/auth/password',
  summary: 'Changes the own password and ends all other sessions',
  audit: 'own',
  auth: 'session',
  cors: 'none',
  body: z.object({ current_password: z.string().min(1).max(200), new_password: NewPassword }),
  answers: {
    200: { description: 'Changed', body: done },
    403: forbidden,
    422: {
      description: 'The current password is wrong, or the new one will not do',
      body: ValidationErrorBody,
    },
    429: tooMany,
  },
} as const satisfies Contract;

export const takeSocketTicket = {
  method: 'POST',
  path: '/api/auth/socket-ticket',
  summary:
    'A ticket for the WebSocket, whose host the cookie does not reach: good once, for a minute',
  audit: 'none',
  auth: 'session',
  cors: 'none',
  answers: {
    200: {
      description: 'The ticket, for the first frame of the socket',
      body: z.object({
        ticket: z.string(),
        expires_in: z.number(),
        websocket_url: z.string().describe('Where it is good'),
      }),
    },
    403: forbidden,
  },
} as const satisfies Contract;

export const authContracts: Contract[] = [logIn, logOut, getMe, changePassword, takeSocketTicket];
