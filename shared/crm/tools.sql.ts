import * as z from 'zod';

import type { Db, Transaction } from '../db.ts';
import { IntegrationsConfig } from './config.ts';

type Key = { enterpriseNumber: string; integrationType: string };

/** What a CRM calls this call, by the adapter's own key. */
export async function readLink(
  db: Db,
  callId: string,
  integrationType: string,
  key: string,
): Promise<string | null> {
  const [row] = await db`
    select value
    from crm_links
    where call_id = ${callId}::uuid
      and integration_type = ${integrationType}
      and key = ${key}`;
  return z.object({ value: z.string() }).optional().parse(row)?.value ?? null;
}

export async function writeLink(
  db: Db,
  callId: string,
  integrationType: string,
  key: string,
  value: string,
): Promise<void> {
  await db`
    insert into crm_links (call_id, integration_type, key, value)
    values (${callId}::uuid, ${integrationType}, ${key}, ${value})
    on conflict (call_id, integration_type, key) do update
    set value = excluded.value`;
}

/** The same of a chat. */
export async function readChatLink(
  db: Db,
  chatId: string,
  integrationType: string,
  key: string,
): Promise<string | null> {
  const [row] = await db`
    select value
    from chat_crm_links
    where chat_id = ${chatId}::uuid
      and integration_type = ${integrationType}
      and key = ${key}`;
  return z.object({ value: z.string() }).optional().parse(row)?.value ?? null;
}

export async function writeChatLink(
  db: Db,
  chatId: string,
  integrationType: string,
  key: string,
  value: string,
): Promise<void> {
  await db`
    insert into chat_crm_links (chat_id, integration_type, key, value)
    values (${chatId}::uuid, ${integrationType}, ${key}, ${value})
    on conflict (chat_id, integration_type, key) do update
    set value = excluded.value`;
}

const Renewal = z.object({ renewingUntil: z.string() });

/** Nobody else renews for so many seconds. Returns the mark of this renewal; undefined when somebody is at it. */
export async function takeRenewal(db: Db, key: Key, seconds: number): Promise<string | undefined> {
  const [row] = await db`
    insert into integration_states as state (enterprise_number, integration_type, renewing_until)
    values (${key.enterpriseNumber}, ${key.integrationType}, clock_timestamp() + make_interval(secs => ${seconds}))
    on conflict (enterprise_number, integration_type) do update
    set renewing_until = excluded.renewing_until
    where state.renewing_until is null
      or state.renewing_until < clock_timestamp()
    returning renewing_until::text`;
  return Renewal.optional().parse(row)?.renewingUntil;
}

/** Ends this renewal, and never one that somebody else began after its time was up. */
export async function endRenewal(db: Db, key: Key, mark: string): Promise<void> {
  await db`
    update integration_states
    set renewing_until = null
    where enterprise_number = ${key.enterpriseNumber}
      and integration_type = ${key.integrationType}
      and renewing_until = ${mark}::timestamptz`;
}

const Settings = z.object({ integrationsConfig: IntegrationsConfig }).optional();

/** All integrations' settings of an enterprise, secrets sealed. */
export async function loadSettings(db: Db, enterpriseNumber: string): Promise<IntegrationsConfig> {
  const [row] = await db`
    select integrations_config
    from enterprises
    where number = ${enterpriseNumber}`;
  return Settings.parse(row)?.integrationsConfig ?? {};
}

/** The same, and nobody changes them until the transaction ends. */
export async function lockSettings(
  tx: Transaction,
  enterpriseNumber: string,
): Promise<IntegrationsConfig> {
  const [row] = await tx`
    select integrations_config
    from enterprises
    where number = ${enterpriseNumber}
    for no key update`;
  return Settings.parse(row)?.integrationsConfig ?? {};
}

/** Lays renewed settings over the stored ones; what somebody changed meanwhile stays. Every instance sees it at once. */
export async function saveRenewed(
  db: Db,
  key: Key,
  sealed: Record<string, unknown>,
): Promise<void> {
  const { enabled: _enabled, ...changes } = sealed;
  await db`
    update enterprises
    set integrations_config = jsonb_set(
          integrations_config,
          array[${key.integrationType}],
          coalesce(integrations_config -> ${key.integrationType}, '{}') || ${db.json(JSON.parse(JSON.stringify(changes)))}
        ),
        config_version = config_version + 1,
        updated_at = now()
    where number = ${key.enterpriseNumber}`;
}
