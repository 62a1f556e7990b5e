import * as z from 'zod';

import { IntegrationsConfig } from '../crm/config.ts';
import type { IntegrationType } from '../crm/crm.schema.ts';
import type { Db, Transaction } from '../db.ts';

const Owner = z.object({ number: z.string(), config: IntegrationsConfig });
/** Whose CRM it is; secrets sealed. */
export type Owner = z.output<typeof Owner>;

export async function findByClientId(db: Db, clientIdHash: Buffer): Promise<Owner | undefined> {
  const [row] = await db`
    select number, integrations_config as config
    from enterprises
    where client_id_hash = ${clientIdHash}
      and active`;
  return row && Owner.parse(row);
}

export async function findByNumber(db: Db, number: string): Promise<Owner | undefined> {
  const [row] = await db`
    select number, integrations_config as config
    from enterprises
    where number = ${number}
      and active`;
  return row && Owner.parse(row);
}

export type CrmRequest = {
  id: string;
  enterpriseNumber: string;
  integrationType: IntegrationType;
  kind: 'call' | 'call-back' | 'user-status';
  externalId?: string | undefined;
  crmUserId?: string | undefined;
  extension?: string | undefined;
  phone?: string | undefined;
  line?: string | undefined;
  status?: string | undefined;
};

/** How long the same id counts as the same click. */
const REPEAT_WITHIN = '30 seconds';

/** False when the CRM has just said the same, by its own id. */
export async function insertRequest(tx: Transaction, request: CrmRequest): Promise<boolean> {
  const { id, enterpriseNumber, integrationType, kind, externalId = null } = request;
  if (externalId !== null) {
    await tx`select pg_advisory_xact_lock(hashtextextended(${`click:${enterpriseNumber}:${externalId}`}, 0))`;
    const [repeated] = await tx`
      select 1
      from crm_requests
      where enterprise_number = ${enterpriseNumber}
        and external_id = ${externalId}
        and integration_type = ${integrationType}
        and created_at > now() - ${REPEAT_WITHIN}::interval`;
    if (repeated) return false;
  }
  await tx`
    insert into crm_requests (id, enterprise_number, integration_type, kind, external_id, crm_user_id, extension, phone,
      line, status)
    values (${id}, ${enterpriseNumber}, ${integrationType}, ${kind}, ${externalId}, ${request.crmUserId ?? null},
      coalesce(${request.extension ?? null}, (
        select min(extension)
        from integration_users
        where enterprise_number = ${enterpriseNumber}
          and integration_type = ${integrationType}
          and crm_user_id = ${request.crmUserId ?? null}
      )), ${request.phone ?? null}, ${request.line ?? null}, ${request.status ?? null})`;
  return true;
}

const Extension = z.object({ extension: z.string().nullable() });

export async function findExtension(db: Db, requestId: string): Promise<string | undefined> {
  const [row] = await db`
    select extension
    from crm_requests
    where id = ${requestId}`;
  return Extension.optional().parse(row)?.extension ?? undefined;
}

export async function noteOutcome(db: Db, requestId: string, outcome: string): Promise<void> {
  await db`
    update crm_requests
    set outcome = ${outcome}
    where id = ${requestId}`;
}
