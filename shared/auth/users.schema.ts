import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { EnterpriseParams, enterpriseRefusals } from '../enterprise.schema.ts';
import { ErrorBody } from '../error.schema.ts';
import { Login, NewPassword } from './auth.schema.ts';

const Time = z.iso.datetime();

/** An admin of an enterprise. */
export const User = z
  .object({
    id: z.number(),
    login: z.string(),
    name: z.string().nullable(),
    active: z.boolean(),
    created_at: Time,
    last_seen_at: Time.nullable().describe('In a session that has not ended yet'),
  })
  .meta({ id: 'User' });
export type User = z.output<typeof User>;

const Name = z.string().trim().max(100).nullable();
const COMMON = { auth: 'enterprise', cors: 'none' } as const;
const UserParams = EnterpriseParams.extend({
  id: z.coerce
    .number()
    .int()
    .positive()
    .max(2 ** 31 - 1),
});
const notJson = { description: 'The body is not JSON', body: ErrorBody };
const password = z
  .string()
  .nullable()
  .describe('The password when it was made up; shown this once');

export const listUsers = {
  ...COMMON,
  method: 'GET',
  path: '/enterprise/{number}/users',
  summary: 'The admins of an enterprise',
  params: EnterpriseParams,
  answers: {
    200: {
      description: 'All of them, by login',
      body: z.object({ items: z.array(User), next_cursor: z.null() }),
    },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const createUser = {
  ...COMMON,
  method: 'POST',
  path: '/enterprise/{number}/users',
  summary: 'Makes an admin of an enterprise',
  audit: 'own',
  params: EnterpriseParams,
  body: z.object({
    login: Login,
    name: Name.default(null),
    password: NewPassword.optional().describe('Made up when absent'),
  }),
  answers: {
    201: { description: 'Made', body: User.extend({ password }) },
    400: notJson,
    409: { description: 'The login is taken', body: ErrorBody },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const changeUser = {
  ...COMMON,
  method: 'PATCH',
  path: '/enterprise/{number}/users/{id}',
  summary: 'Changes an admin; a new password or active: false ends their sessions',
  audit: 'own',
  params: UserParams,
  body: z.object({
    name: Name.optional(),
    active: z.boolean().optional(),
    password: NewPassword.nullable().optional().describe('Null has one made up'),
  }),
  answers: {
    200: { description: 'As stored', body: User.extend({ password }) },
    400: notJson,
    409: { description: 'Nobody deactivates themselves', body: ErrorBody },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const deleteUser = {
  ...COMMON,
  method: 'DELETE',
  path: '/enterprise/{number}/users/{id}',
  summary: 'Deletes an admin, whose sessions end',
  audit: 'own',
  params: UserParams,
  answers: {
    200: { description: 'Deleted', body: z.object({ success: z.literal(true) }) },
    409: { description: 'Nobody deletes themselves', body: ErrorBody },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const userContracts: Contract[] = [listUsers, createUser, changeUser, deleteUser];
