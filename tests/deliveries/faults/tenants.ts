import { v7 as newUuid } from 'uuid';

import { sealSecrets } from '../../../shared/crm/config-copies.ts';
import { retailcrm } from '../../../shared/crm/retailcrm/crm.ts';
import type { Pool } from '../../../shared/db.ts';
import type { Peers } from '../../peers/server.ts';
import { createTestTools } from '../../support/crm-tools.ts';
import { secrets } from '../../support/database.ts';

export type Tenant = { number: string; account: string };
export type OwedCall = { tenant: Tenant; uniqueId: string; phone: string; known: boolean };

export const TYPES = ['retailcrm', 'bitrix24', 'amocrm', 'webhook'];
export const STEPS = ['dial', 'bridge', 'hangup'];
const EXTENSIONS = new Map([
  ['150', '16'],
  ['151', '17'],
]);
const PEOPLE = [
  { id: 16, firstName: 'Анна', extension: '150' },
  { id: 17, firstName: 'Борис', extension: '151' },
];

/** Enterprises with every CRM, each with accounts of its own at the simulated vendors. */
export async function createTenants(
  db: Pool,
  { peers, webhookUrl, count }: { peers: Peers; webhookUrl: string; count: number },
): Promise<Tenant[]> {
  const tenants = Array.from({ length: count }, (_, index) => ({
    number: String(1000 + index),
    account: `tenant-${index}`,
  }));
  await Promise.all(tenants.map((tenant) => createTenant(db, { peers, webhookUrl, tenant })));
  return tenants;
}

async function createTenant(
  db: Pool,
  { peers, webhookUrl, tenant }: { peers: Peers; webhookUrl: string; tenant: Tenant },
): Promise<void> {
  const { number, account } = tenant;
  const control = async (peer: string, body: object): Promise<void> => {
    const url = `${peers.url}/control/${peer}/${account}`;
    const { ok } = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
    if (!ok) throw new Error(`${url} refused`);
  };
  await control('retailcrm', {
    key: `key-${number}`,
    users: PEOPLE.map(({ id, firstName }) => ({ id, firstName })),
  });
  await control('bitrix24', {
    secret: `webhook-${number}`,
    users: [{ id: 1, firstName: 'Дежурный' }, ...PEOPLE],
  });
  await control('amocrm', {
    longLivedToken: `token-${number}`,
    users: PEOPLE.map(({ id, firstName }) => ({ id, name: firstName })),
  });
  const config = {
    retailcrm: {
      enabled: true,
      api_url: `${peers.url}/retailcrm/${account}`,
      api_key: `key-${number}`,
      client_id: `client-${number}`,
    },
    bitrix24: {
      enabled: true,
      webhook_url: `${peers.url}/bitrix24/${account}/rest/1/webhook-${number}/`,
      user_id: '1',
    },
    amocrm: {
      enabled: true,
      subdomain: `${peers.url}/amocrm/${account}`,
      client_id: 'client',
      client_secret: 'secret',
      access_token: `token-${number}`,
    },
    webhook: {
      enabled: true,
      url: webhookUrl,
      secret: `whsec_${Buffer.alloc(32, 3).toString('base64')}`,
    },
  };
  const sealed = db.json(JSON.parse(JSON.stringify(sealSecrets(config, secrets))));
  await db`
    insert into enterprises (number, name, token, secret, integrations_config)
    values (${number}, ${`name ${number}`}, ${`token-${number}`}, ${`secret-${number}`}, ${sealed})`;
  const map = [...EXTENSIONS].map(([extension, crm_user_id]) => ({
    enterprise_number: number,
    integration_type: 'amocrm',
    extension,
    crm_user_id,
  }));
  await db`insert into integration_users ${db(map)}`;
  const tools = createTestTools({ users: EXTENSIONS });
  await retailcrm.register?.({ ...tools, config: config.retailcrm });
}

let nextPhone = 375_292_000_000;

/** One answered call of each tenant that owes every step to every CRM; amoCRM knows every other client. */
export async function oweCalls(db: Pool, peers: Peers, tenants: Tenant[]): Promise<OwedCall[]> {
  const calls = tenants.map((tenant): OwedCall => {
    const phone = String(nextPhone++);
    return { tenant, uniqueId: `u-${phone}`, phone, known: Number(phone) % 2 === 0 };
  });
  for (const { tenant, phone, known } of calls) {
    if (!known) continue;
    const { contacts } = peers.amocrm.account(tenant.account);
    const card = { id: 500 + contacts.length, name: phone, phones: [phone], responsibleUserId: 17 };
    contacts.push({ ...card, createdAt: 1_700_000_000, leads: [], customers: [] });
  }
  const rows = calls.map(({ tenant, uniqueId, phone }) => ({
    id: newUuid(),
    enterprise_number: tenant.number,
    main_unique_id: uniqueId,
    direction: 'in',
    status: 'answered',
    phone,
    line: '0001363',
    rang: ['150', '151'],
    last_talked_by: '151',
    started_at: new Date(Date.now() - 40_000),
    ended_at: new Date(),
    wait_seconds: 10,
    talk_seconds: 30,
    last_event_at: new Date(),
  }));
  await db`insert into calls ${db(rows)}`;
  await db`
    insert into deliveries (enterprise_number, integration_type, call_id, step, extensions)
    select calls.enterprise_number, type, calls.id, step, case step when 'bridge' then array['151'] else calls.rang end
    from calls
    cross join unnest(${TYPES}::text[]) as type
    cross join unnest(${STEPS}::text[]) with ordinality as steps (step, place)
    where calls.id = any(${rows.map(({ id }) => id)}::uuid[])
    order by calls.id, type, place`;
  return calls;
}
