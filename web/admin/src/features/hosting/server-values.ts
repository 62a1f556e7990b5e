import type * as z from 'zod';

import { NewServer, type Server } from '../../../../../shared/hosting/servers.schema.ts';
import { readMoney, writeMoney } from './money.tsx';

type Body = z.input<typeof NewServer>;

/** A server as it is typed into the form. */
export type ServerValues = Record<
  | 'server_name'
  | 'client_name'
  | 'client_company'
  | 'client_telegram_id'
  | 'project_id'
  | 'configuration'
  | 'ip_address'
  | 'cost_price'
  | 'client_price'
  | 'service_fee'
  | 'start_date'
  | 'next_payment_date'
  | 'payment_period'
  | 'status'
  | 'notes',
  string
>;

export const EMPTY_SERVER: ServerValues = {
  server_name: '',
  client_name: '',
  client_company: '',
  client_telegram_id: '',
  project_id: '',
  configuration: '',
  ip_address: '',
  cost_price: '',
  client_price: '',
  service_fee: '0',
  start_date: '',
  next_payment_date: '',
  payment_period: 'monthly',
  status: 'active',
  notes: '',
};

const text = (value: string | number | null): string => (value === null ? '' : String(value));

export const valuesOf = (server: Server): ServerValues => ({
  server_name: server.server_name,
  client_name: text(server.client_name),
  client_company: text(server.client_company),
  client_telegram_id: text(server.client_telegram_id),
  project_id: text(server.project_id),
  configuration: text(server.configuration),
  ip_address: text(server.ip_address),
  cost_price: writeMoney(server.cost_price),
  client_price: writeMoney(server.client_price),
  service_fee: writeMoney(server.service_fee),
  start_date: text(server.start_date),
  next_payment_date: text(server.next_payment_date),
  payment_period: server.payment_period,
  status: server.status,
  notes: text(server.notes),
});

/** What the API is sent, and which fields it would refuse. What is no number is sent on as one that it refuses. */
export function bodyOf(values: ServerValues): { body: Body; wrong: ReadonlySet<string> } {
  const orNull = (value: string) => value.trim() || null;
  const numberOrNull = (value: string) => (value.trim() === '' ? null : Number(value));
  const money = (value: string) => {
    const read = readMoney(value);
    return read === undefined ? Number.NaN : read;
  };
  const body = {
    server_name: values.server_name,
    client_name: orNull(values.client_name),
    client_company: orNull(values.client_company),
    client_telegram_id: numberOrNull(values.client_telegram_id),
    project_id: numberOrNull(values.project_id),
    configuration: orNull(values.configuration),
    ip_address: orNull(values.ip_address),
    cost_price: money(values.cost_price),
    client_price: money(values.client_price),
    service_fee: money(values.service_fee) ?? 0,
    start_date: orNull(values.start_date),
    next_payment_date: orNull(values.next_payment_date),
    payment_period: values.payment_period as Body['payment_period'],
    status: values.status as Body['status'],
    notes: orNull(values.notes),
  };
  const { error } = NewServer.safeParse(body);
  return { body, wrong: new Set(error?.issues.map(({ path }) => String(path[0])) ?? []) };
}

/** Only what was changed: a sync may have brought other fields up to date meanwhile. */
export function changesOf(before: ServerValues, after: ServerValues): Partial<Body> {
  const { body } = bodyOf(after);
  return Object.fromEntries(
    Object.entries(body).filter(
      ([name]) => before[name as keyof ServerValues] !== after[name as keyof ServerValues],
    ),
  );
}
