import type { JSONValue } from 'postgres';
import * as z from 'zod';

import { IntegrationsConfig } from '../crm/config.ts';
import { LOOKUP_TYPES } from '../crm/crm.schema.ts';
import type { Db } from '../db.ts';
import { type SmartRedirectSettings, StoredSettings } from './settings.schema.ts';

/** Whom a CRM named. */
const Found = z.object({
  source: z.enum(LOOKUP_TYPES),
  /** Null: the CRM knows the manager, and nobody knows the manager's phone. */
  extension: z.string().nullable(),
  name: z.string(),
  clientName: z.string().nullable(),
});
export type Found = z.output<typeof Found>;

/** What the CRMs said of a number before; null when it was "nobody". */
const Cached = z.object({ found: Found.nullable(), ageSeconds: z.coerce.number() });

const Enterprise = z.object({
  number: z.string(),
  active: z.boolean(),
  settings: StoredSettings,
  integrationsConfig: IntegrationsConfig,
  /** By integration: CRM user id by extension. */
  users: z.record(z.string(), z.record(z.string(), z.string())),
  cached: Cached.nullable().catch(null),
});
export type Enterprise = z.output<typeof Enterprise>;

type Who = { token: string } | { number: string };

/** All that has to be known before anybody is asked who looks after this number: one round trip. */
export async function loadEnterprise(
  db: Db,
  who: Who,
  phone: string,
): Promise<Enterprise | undefined> {
  const isMeant =
    'number' in who
      ? db`number = ${who.number}`
      : db`
        number = (
          select number
          from enterprises
          where token = ${who.token}
            or name2 = ${who.token}
            or (previous_token = ${who.token} and previous_token_until > now())
          order by token = ${who.token} desc
          limit 1
        )`;
  const [row] = await db`
    select number, active, smart_redirect as settings, integrations_config,
      coalesce((
        select jsonb_object_agg(integration_type, users)
        from (
          select integration_type, jsonb_object_agg(extension, crm_user_id) as users
          from integration_users
          where enterprise_number = enterprises.number
          group by integration_type
        ) as maps
      ), '{}') as users,
      (
        select jsonb_build_object('found', found, 'ageSeconds', extract(epoch from now() - asked_at))
        from responsible_cache
        where enterprise_number = enterprises.number
          and phone = ${phone}
      ) as cached
    from enterprises
    where ${isMeant}`;
  return row && Enterprise.parse(row);
}

export async function saveFound(
  db: Db,
  enterpriseNumber: string,
  phone: string,
  found: Found | null,
): Promise<void> {
  await db`
    insert into responsible_cache (enterprise_number, phone, found)
    values (${enterpriseNumber}, ${phone}, ${found && db.json(found)})
    on conflict (enterprise_number, phone) do update
    set found = excluded.found, asked_at = now()`;
}

/** Who of the enterprise talked with this number before; null when nobody did. */
export async function findTalker(
  db: Db,
  enterpriseNumber: string,
  phone: string,
  which: 'last_talked' | 'first_talked',
): Promise<string | null> {
  const isLast = which === 'last_talked';
  const talker = isLast ? db`last_talked_by` : db`coalesce(first_answered_by, last_talked_by)`;
  const [row] = await db`
    select ${talker} as extension
    from calls
    where enterprise_number = ${enterpriseNumber}
      and phone = ${phone}
      and last_talked_by is not null
      and direction <> 'internal'
      and merged_into is null
    order by started_at ${isLast ? db`desc` : db`asc`}
    limit 1`;
  return z.object({ extension: z.string() }).optional().parse(row)?.extension ?? null;
}

export type NewRedirect = {
  id: string;
  enterpriseNumber: string;
  /** Who asked: the box, or its event. */
  askedBy: 'endpoint' | 'event';
  phone: string;
  uniqueId: string | null;
  channel: string | null;
  trunk: string | null;
  action: 'redirected' | 'continue';
  reason: string | null;
  manager: string | null;
  managerName: string | null;
  source: string | null;
  cached: boolean;
  /** What was asked, and who answered in how many ms. */
  lookups: JSONValue;
  warning: string | null;
  tookMs: number;
};

export async function saveRedirect(db: Db, redirect: NewRedirect): Promise<void> {
  const { lookups, ...row } = redirect;
  await db`insert into smart_redirects ${db({ ...row, lookups: db.json(lookups) })}`;
}

const RedirectRow = z.object({
  id: z.string(),
  askedBy: z.enum(['endpoint', 'event']),
  phone: z.string(),
  uniqueId: z.string().nullable(),
  channel: z.string().nullable(),
  trunk: z.string().nullable(),
  action: z.enum(['redirected', 'continue']),
  reason: z.string().nullable(),
  manager: z.string().nullable(),
  managerName: z.string().nullable(),
  source: z.string().nullable(),
  cached: z.boolean(),
  lookups: z.array(z.unknown()),
  warning: z.string().nullable(),
  tookMs: z.number(),
  createdAt: z.date(),
});
export type RedirectRow = z.output<typeof RedirectRow>;

/** Newest first; `after` is the id of the last one seen. */
export async function listRedirects(
  db: Db,
  wanted: { enterpriseNumber: string; after: string | undefined; limit: number },
): Promise<RedirectRow[]> {
  const { enterpriseNumber, after, limit } = wanted;
  const rows = await db`
    select id, asked_by, phone, unique_id, channel, trunk, action, reason, manager, manager_name, source, cached,
      lookups, warning, took_ms, created_at
    from smart_redirects
    where enterprise_number = ${enterpriseNumber}
      ${after === undefined ? db`` : db`and id < ${after}::uuid`}
    order by id desc
    limit ${limit}`;
  return RedirectRow.array().parse([...rows]);
}

export async function loadSettings(
  db: Db,
  enterpriseNumber: string,
): Promise<SmartRedirectSettings | undefined> {
  const [row] = await db`
    select smart_redirect as settings
    from enterprises
    where number = ${enterpriseNumber}`;
  return z.object({ settings: StoredSettings }).optional().parse(row)?.settings;
}

/** What was found by the settings before is forgotten. Returns false when there is no such enterprise. */
export async function saveSettings(
  db: Db,
  enterpriseNumber: string,
  settings: SmartRedirectSettings,
): Promise<boolean> {
  const { count } = await db`
    with forgotten as (
      delete from responsible_cache
      where enterprise_number = ${enterpriseNumber}
    )
    update enterprises
    set smart_redirect = ${db.json(settings)}, updated_at = now()
    where number = ${enterpriseNumber}`;
  return count > 0;
}
