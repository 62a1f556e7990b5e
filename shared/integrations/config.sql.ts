import type { JSONValue } from 'postgres';
import * as z from 'zod';

import { IntegrationsConfig } from '../crm/config.ts';
import { INTEGRATION_TYPES } from '../crm/crm.schema.ts';
import type { Db, Transaction } from '../db.ts';
import { closeParked, logUnsent } from '../deliveries/unsent-log.sql.ts';
import type { Mapped } from './config.schema.ts';

const Stored = z.object({ configVersion: z.number(), config: IntegrationsConfig });
export type StoredConfig = z.output<typeof Stored>;

/** Secrets sealed. */
export async function loadConfig(db: Db, number: string): Promise<StoredConfig | undefined> {
  const [row] = await db`
    select config_version, integrations_config as config
    from enterprises
    where number = ${number}`;
  return row && Stored.parse(row);
}

/** The same, and nobody changes it until the transaction ends. */
export async function lockConfig(
  tx: Transaction,
  number: string,
): Promise<StoredConfig | undefined> {
  const [row] = await tx`
    select config_version, integrations_config as config
    from enterprises
    where number = ${number}
    for no key update`;
  return row && Stored.parse(row);
}

type NewConfig = {
  /** Secrets sealed. */
  config: IntegrationsConfig;
  changed: boolean;
  clientIdHash: Buffer | null;
};

/** Returns the version in force: a new one when something changed. */
export async function saveConfig(
  tx: Transaction,
  number: string,
  { config, changed, clientIdHash }: NewConfig,
): Promise<number> {
  const json = tx.json(JSON.parse(JSON.stringify(config)) as JSONValue);
  const [row] = await tx`
    update enterprises
    set integrations_config = ${json}, config_version = config_version + ${changed ? 1 : 0},
        client_id_hash = ${clientIdHash}, updated_at = now()
    where number = ${number}
    returning config_version`;
  return z.object({ configVersion: z.number() }).parse(row).configVersion;
}

/** What an integration that was removed still owed is not owed any more. */
export async function forgetIntegration(
  tx: Transaction,
  number: string,
  type: string,
): Promise<void> {
  await tx`
    delete from integration_states
    where enterprise_number = ${number}
      and integration_type = ${type}`;
  await closeParked(tx, tx`enterprise_number = ${number} and integration_type = ${type}`);
  await tx`
    with ended as (
      update deliveries
      set state = 'skipped', reason = 'Интеграция удалена', queued_at = null, updated_at = now()
      where enterprise_number = ${number}
        and integration_type = ${type}
        and state in ('pending', 'retrying', 'parked')
      returning deliveries.*
    )
    ${logUnsent(tx)}`;
}

const Condition = z.object({
  integrationType: z.string(),
  pausedAt: z.date().nullable(),
  pauseReason: z.string().nullable(),
  restsSince: z.date().nullable(),
  failedAt: z.date().nullable(),
  problem: z.string().nullable(),
});
export type Condition = z.output<typeof Condition>;

/** An older failure says nothing of now. */
const FAILED_WITHIN = '24 hours';

/** How each integration is: paused, resting after time-outs, or failed in its last attempt since the last change. */
export async function loadConditions(db: Db, number: string): Promise<Condition[]> {
  const rows = await db`
    select
      type as integration_type, state.paused_at, state.pause_reason,
      case when state.open_until is not null then state.open_until - interval '15 seconds' end as rests_since,
      last.created_at as failed_at, last.error_message as problem
    from unnest(${[...INTEGRATION_TYPES]}::text[]) as type
    join enterprises on enterprises.number = ${number}
    left join integration_states as state
      on state.enterprise_number = enterprises.number
      and state.integration_type = type
    left join lateral (
      select log.created_at, log.error_message
      from (
        select max(id) filter (where status = 'error') as error, max(id) as newest
        from unnest(array['error', 'success']) as status
        cross join lateral (
          select id
          from integration_logs
          where enterprise_number = enterprises.number
            and integration_type = type
            and integration_logs.status = status.status
          order by id desc
          limit 1
        ) as newest_of_status
      ) as ends
      join integration_logs as log on log.id = ends.error
      where ends.error = ends.newest
        and log.created_at > greatest(now() - ${FAILED_WITHIN}::interval, enterprises.updated_at)
    ) as last on true`;
  return Condition.array().parse([...rows]);
}

const MappedRow = z
  .object({
    extension: z.string(),
    crmUserId: z.string(),
    crmUserName: z.string().nullable(),
  })
  .transform(({ extension, crmUserId, crmUserName }): Mapped => ({
    extension,
    crm_user_id: crmUserId,
    crm_user_name: crmUserName,
  }));

export async function listMapping(db: Db, number: string, type: string): Promise<Mapped[]> {
  const rows = await db`
    select extension, crm_user_id, crm_user_name
    from integration_users
    where enterprise_number = ${number}
      and integration_type = ${type}
    order by length(extension), extension`;
  return MappedRow.array().parse([...rows]);
}

export async function replaceMapping(
  tx: Transaction,
  number: string,
  type: string,
  mapping: Mapped[],
): Promise<void> {
  await tx`
    delete from integration_users
    where enterprise_number = ${number}
      and integration_type = ${type}`;
  if (mapping.length === 0) return;
  const rows = mapping.map(({ extension, crm_user_id, crm_user_name }) => ({
    enterpriseNumber: number,
    integrationType: type,
    extension,
    crmUserId: crm_user_id,
    crmUserName: crm_user_name,
  }));
  await tx`insert into integration_users ${tx(rows)}`;
}

export type Contact = {
  enterpriseNumber: string;
  integrationType: string;
  /** What was said: `test`, `register`. */
  event: string;
  problem: string | null;
  httpStatus: number | null;
  request: JSONValue;
  response: JSONValue;
  tookMs: number;
};

/** What was said to a CRM that was not a delivery is in its log too. */
export async function logContact(db: Db, contact: Contact): Promise<void> {
  const { enterpriseNumber, integrationType, event, problem, httpStatus, tookMs } = contact;
  await db`
    insert into integration_logs (enterprise_number, integration_type, event_type, status, error_message,
      request_data, response_data, response_time_ms, http_status)
    values (${enterpriseNumber}, ${integrationType}, ${event}, ${problem === null ? 'success' : 'error'}, ${problem},
      ${db.json(contact.request)}, ${db.json(contact.response)}, ${tookMs}, ${httpStatus})`;
}
