import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { ErrorBody } from '../error.schema.ts';
import {
  COMMON,
  Cursor,
  Day,
  Done,
  HOSTING,
  Id,
  IdParams,
  Limit,
  Money,
  Name,
  notJson,
  paged,
  refusals,
  Text,
} from './fields.schema.ts';
import { Server } from './servers.schema.ts';

const MOST_PERIODS = 60;
const Time = z.iso.datetime();
const taken = {
  409: { description: 'There is a project of this name', body: ErrorBody },
} as const;

const Project = z
  .object({
    id: z.number(),
    name: z.string(),
    notes: z.string().nullable(),
    servers: z.number().describe('How many servers belong to it'),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'HostingProject' });
export type Project = z.output<typeof Project>;

const project = { description: 'The project', body: Done.extend({ project: Project }) };
const NewProject = z.object({ name: Name, notes: Text(5_000).optional() });

export const listProjects = {
  ...COMMON,
  method: 'GET',
  path: `${HOSTING}/projects`,
  summary: 'All projects by name',
  answers: {
    200: {
      description: 'All of them',
      body: z.object({ items: z.array(Project), next_cursor: z.null() }),
    },
    403: refusals[403],
  },
} as const satisfies Contract;

export const createProject = {
  ...COMMON,
  method: 'POST',
  path: `${HOSTING}/project`,
  summary: 'Makes a project',
  body: NewProject,
  answers: { 200: project, ...notJson, ...taken, ...refusals },
} as const satisfies Contract;

export const getProject = {
  ...COMMON,
  method: 'GET',
  path: `${HOSTING}/project/{id}`,
  summary: 'One project',
  params: IdParams,
  answers: { 200: project, ...refusals },
} as const satisfies Contract;

export const patchProject = {
  ...COMMON,
  method: 'PATCH',
  path: `${HOSTING}/project/{id}`,
  summary: 'Changes what is sent',
  params: IdParams,
  body: NewProject.partial(),
  answers: { 200: project, ...notJson, ...taken, ...refusals },
} as const satisfies Contract;

export const deleteProject = {
  ...COMMON,
  method: 'DELETE',
  path: `${HOSTING}/project/{id}`,
  summary: 'Deletes a project; its servers stay, without one',
  params: IdParams,
  answers: { 200: { description: 'It is gone', body: Done }, ...refusals },
} as const satisfies Contract;

const Payment = z
  .object({
    id: z.number(),
    server_id: z.number(),
    server_name: z.string(),
    client_name: z.string().nullable(),
    amount: z.number(),
    paid_on: z.string(),
    periods: z.number().describe('How many payment periods it pays for'),
    next_payment_date: z.string().nullable().describe('What it moved the date to'),
    notes: z.string().nullable(),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'HostingPayment' });
export type Payment = z.output<typeof Payment>;

const payment = {
  description: 'The payment, and its server afterwards',
  body: Done.extend({ payment: Payment, server: Server }),
};

export const listPayments = {
  ...COMMON,
  method: 'GET',
  path: `${HOSTING}/payments`,
  summary: 'Payments of clients, newest first',
  query: z.object({
    server_id: Id.optional(),
    from: Day.optional(),
    to: Day.optional(),
    cursor: Cursor,
    limit: Limit(50, 200),
  }),
  answers: { 200: { description: 'A page', body: paged(Payment) }, ...refusals },
} as const satisfies Contract;

export const createPayment = {
  ...COMMON,
  method: 'POST',
  path: `${HOSTING}/payment`,
  summary: "Notes a payment; the server's next payment date moves on by its periods",
  body: z.object({
    server_id: z.int().positive(),
    amount: Money,
    paid_on: Day.optional().describe('Today when missing'),
    periods: z.int().min(0).max(MOST_PERIODS).default(1).describe('0: the date stays'),
    notes: Text(1_000).optional(),
  }),
  answers: { 200: payment, ...notJson, ...refusals },
} as const satisfies Contract;

export const getPayment = {
  ...COMMON,
  method: 'GET',
  path: `${HOSTING}/payment/{id}`,
  summary: 'One payment',
  params: IdParams,
  answers: {
    200: { description: 'The payment', body: Done.extend({ payment: Payment }) },
    ...refusals,
  },
} as const satisfies Contract;

export const patchPayment = {
  ...COMMON,
  method: 'PATCH',
  path: `${HOSTING}/payment/{id}`,
  summary: 'Changes what is sent; the dates it moved stay',
  params: IdParams,
  body: z.object({
    amount: Money.optional(),
    paid_on: Day.optional(),
    notes: Text(1_000).optional(),
  }),
  answers: {
    200: { description: 'The payment', body: Done.extend({ payment: Payment }) },
    ...notJson,
    ...refusals,
  },
} as const satisfies Contract;

export const deletePayment = {
  ...COMMON,
  method: 'DELETE',
  path: `${HOSTING}/payment/{id}`,
  summary: "Deletes a payment; when it was the last to move the server's date, the date moves back",
  params: IdParams,
  answers: { 200: { description: 'It is gone', body: Done }, ...refusals },
} as const satisfies Contract;

export const getCalendar = {
  ...COMMON,
  method: 'GET',
  path: `${HOSTING}/payments/calendar`,
  summary: 'What clients paid and will owe, day by day; what is overdue is always there',
  query: z.object({
    from: Day.optional().describe('The first of this month when missing'),
    to: Day.optional().describe('Two months after `from` when missing; at most a year'),
  }),
  answers: {
    200: {
      description: 'By date',
      body: z.object({
        from: z.string(),
        to: z.string(),
        today: z.string(),
        items: z.array(
          z.object({
            date: z.string(),
            state: z.enum(['paid', 'overdue', 'due']),
            server_id: z.number(),
            server_name: z.string(),
            client_name: z.string().nullable(),
            amount: z.number().nullable().describe('Null: the price is unknown'),
            payment_id: z.number().nullable(),
          }),
        ),
      }),
    },
    ...refusals,
  },
} as const satisfies Contract;

export const paymentContracts: Contract[] = [
  listProjects,
  createProject,
  getProject,
  patchProject,
  deleteProject,
  listPayments,
  createPayment,
  getPayment,
  patchPayment,
  deletePayment,
  getCalendar,
];
