import type { JSONValue } from 'postgres';
import { v7 as newUuid } from 'uuid';
import * as z from 'zod';

import { NOBODYS_HASH } from '../auth/passwords.ts';
import type { Db, Transaction } from '../db.ts';
import type { Row } from './rows.schema.ts';

/**
 * Rows of the predecessor's log keep their order below all of ours (whose ids begin at 1) and the same id at every run,
 * so that a second run finds them there.
 */
const LOG_IDS_FROM = -(2 ** 52);

const toJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as JSONValue;

export async function listNumbers(db: Db): Promise<Set<string>> {
  const rows = await db`select number from enterprises`;
  return new Set(
    z
      .object({ number: z.string() })
      .array()
      .parse([...rows])
      .map((row) => row.number),
  );
}

export type NewEnterprise = Omit<Row<'enterprises'>, 'token' | 'secret' | 'integrations_config'> & {
  token: string;
  secret: string;
  integrations_config: object;
  client_id_hash: Buffer | null;
};

export async function insertEnterprises(tx: Transaction, rows: NewEnterprise[]): Promise<number> {
  let inserted = 0;
  for (const { integrations_config, created_at, timezone, ...row } of rows) {
    const given = {
      ...Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)),
      ...(timezone && { timezone }),
      ...(created_at && { created_at }),
      integrations_config: tx.json(toJson(integrations_config)),
    };
    const { count } =
      await tx`insert into enterprises ${tx(given)} on conflict (number) do nothing`;
    inserted += count;
  }
  return inserted;
}

export async function insertLines(tx: Transaction, rows: Row<'lines'>[]): Promise<number> {
  const { count } = await tx`insert into lines ${tx(rows)} on conflict do nothing`;
  return count;
}

export async function insertExtensions(
  tx: Transaction,
  rows: Row<'extensions'>[],
): Promise<number> {
  const full = rows.map(({ enterprise_number, extension, name, mobile, telegram_id }) => ({
    enterprise_number,
    extension,
    name: name ?? null,
    mobile: mobile ?? null,
    telegram_id: telegram_id ?? null,
  }));
  const { count } = await tx`insert into extensions ${tx(full)} on conflict do nothing`;
  return count;
}

export type NewUser = {
  enterprise_number: string;
  login: string;
  name: string | null;
  active: boolean;
  passwordHash: string | undefined;
};

/** The lock is the one that every maker of a login takes. @throws Error the login is somebody else's */
export async function insertUsers(tx: Transaction, rows: NewUser[]): Promise<number> {
  await tx`select pg_advisory_xact_lock(hashtextextended('logins', 0))`;
  let inserted = 0;
  for (const { enterprise_number, login, name, active, passwordHash = NOBODYS_HASH } of rows) {
    const [taken] = await tx`
      select enterprise_number
      from (
        select login, null as enterprise_number from admins
        union all
        select login, enterprise_number from users
      ) as logins
      where lower(login) = lower(${login})`;
    if (taken?.['enterpriseNumber'] === enterprise_number) continue;
    if (taken) throw new TakenError('login');
    await tx`
      insert into users (enterprise_number, login, name, active, password_hash)
      values (${enterprise_number}, ${login}, ${name}, ${active}, ${passwordHash})`;
    inserted += 1;
  }
  return inserted;
}

/** What has to be one row's alone belongs to another row. The value is not said: it may be a secret. */
export class TakenError extends Error {
  override name = 'TakenError';
  constructor(field: string) {
    super(`${field}: is taken by another`);
  }
}

/** Calls that are over and told of: nothing is owed for them, no message is sent. */
export async function insertCalls(tx: Transaction, rows: Row<'calls'>[]): Promise<number> {
  const calls = rows.map((row) => ({ id: newUuid({ msecs: row.started_at.getTime() }), ...row }));
  const [counted] = await tx`
    with given as (
      select id, enterprise_number, unique_id, direction, status, ltrim(phone, '+') as phone, line, extension,
        started_at, answered_at, ended_at,
        coalesce(talk_seconds, extract(epoch from ended_at - answered_at)::int, 0) as talk_seconds
      from jsonb_to_recordset(${tx.json(toJson(calls))}) as row (
        id uuid, enterprise_number text, unique_id text, direction text, status text, phone text, line text,
        extension text, started_at timestamptz, answered_at timestamptz, ended_at timestamptz, talk_seconds integer
      )
    ),
    inserted as (
      insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, line, rang, first_answered_by,
        last_talked_by, settled, started_at, answered_at, ended_at, wait_seconds, talk_seconds, last_event_at, version,
        telegram_version)
      select id, enterprise_number, unique_id, direction, status, phone, line,
        case when extension is null then '{}' else array[extension] end,
        case when answered_at is not null then extension end, case when answered_at is not null then extension end,
        true, started_at, answered_at, ended_at,
        extract(epoch from coalesce(answered_at, ended_at) - started_at)::int, talk_seconds, ended_at, 1, 1
      from given
      where not exists (
        select from call_legs
        where call_legs.enterprise_number = given.enterprise_number
          and call_legs.unique_id = given.unique_id
      )
      on conflict (enterprise_number, main_unique_id) where merged_into is null do nothing
      returning id, enterprise_number, main_unique_id, last_talked_by, answered_at, ended_at
    ),
    legs as (
      insert into call_legs (enterprise_number, unique_id, call_id)
      select enterprise_number, main_unique_id, id
      from inserted
      on conflict do nothing
    ),
    talkers as (
      insert into call_talkers (call_id, position, extension, from_at, to_at)
      select id, 0, last_talked_by, answered_at, ended_at
      from inserted
      where last_talked_by is not null
    )
    select count(*)::int as inserted from inserted`;
  return z.object({ inserted: z.number() }).parse(counted).inserted;
}

export async function insertLogs(tx: Transaction, rows: Row<'integrationLogs'>[]): Promise<number> {
  const logs = rows.map(({ id, ...row }) => ({ id: LOG_IDS_FROM + id, ...row }));
  const { count } = await tx`
    insert into integration_logs (id, enterprise_number, integration_type, event_type, call_unique_id, phone_number,
      internal_extension, request_data, response_data, status, error_message, response_time_ms, created_at, updated_at)
    overriding system value
    select id, enterprise_number, integration_type, event_type, call_unique_id, phone_number, internal_extension,
      request_data, response_data, status, error_message, response_time_ms, created_at,
      coalesce(updated_at, created_at)
    from jsonb_to_recordset(${tx.json(toJson(logs))}) as row (
      id bigint, enterprise_number text, integration_type text, event_type text, call_unique_id text,
      phone_number text, internal_extension text, request_data jsonb, response_data jsonb, status text,
      error_message text, response_time_ms integer, created_at timestamptz, updated_at timestamptz
    )
    on conflict (id) do nothing`;
  return count;
}

/** Timeweb's servers are known by Timeweb's id, those kept by hand by name and address. */
export async function insertServers(
  tx: Transaction,
  rows: Row<'hostingServers'>[],
): Promise<number> {
  const names = [...new Set(rows.flatMap(({ project_name: name }) => (name ? [{ name }] : [])))];
  if (names.length > 0) {
    await tx`insert into hosting_projects ${tx(names)} on conflict do nothing`;
  }
  const { count } = await tx`
    insert into hosting_servers (project_id, client_name, client_company, client_telegram_id, server_name,
      configuration, ip_address, cost_price, client_price, service_fee, start_date, next_payment_date, payment_period,
      status, timeweb_id, timeweb_status, timeweb_preset_id, auto_sync, notes)
    select (select id from hosting_projects where lower(hosting_projects.name) = lower(project_name)), client_name,
      client_company, client_telegram_id, server_name, configuration, ip_address, cost_price, client_price,
      coalesce(service_fee, 0), start_date, next_payment_date, coalesce(payment_period, 'monthly'),
      coalesce(status, 'active'), timeweb_id, timeweb_status, timeweb_preset_id,
      coalesce(auto_sync, timeweb_id is not null), notes
    from jsonb_to_recordset(${tx.json(toJson(rows))}) as row (
      project_name text, client_name text, client_company text, client_telegram_id bigint, server_name text,
      configuration text, ip_address text, cost_price numeric, client_price numeric, service_fee numeric,
      start_date date, next_payment_date date, payment_period text, status text, timeweb_id bigint,
      timeweb_status text, timeweb_preset_id integer, auto_sync boolean, notes text
    )
    where timeweb_id is not null
      or not exists (
        select from hosting_servers as known
        where known.timeweb_id is null
          and known.server_name = row.server_name
          and known.ip_address is not distinct from row.ip_address
      )
    -- The sync knows the server already, but nobody has said yet whose it is and what he pays.
    on conflict (timeweb_id) do update
    set project_id = excluded.project_id, client_name = excluded.client_name,
        client_company = excluded.client_company, client_telegram_id = excluded.client_telegram_id,
        client_price = excluded.client_price, service_fee = excluded.service_fee,
        next_payment_date = excluded.next_payment_date, payment_period = excluded.payment_period,
        notes = excluded.notes, updated_at = now()
    where hosting_servers.client_name is null
      and hosting_servers.client_price is null
      and num_nonnulls(excluded.client_name, excluded.client_price) > 0`;
  return count;
}
