import { randomUUID } from 'node:crypto';

import postgres from 'postgres';
import { afterAll, beforeAll, inject } from 'vitest';

import { databaseUrlFor } from '../../infra/local/postgres.ts';
import { sealSecrets } from '../../shared/crm/config-copies.ts';
import { connect, type Pool } from '../../shared/db.ts';
import { createSecretBox } from '../../shared/secrets.ts';

export const secrets = createSecretBox(`v1:${Buffer.alloc(32, 7).toString('base64')}`);
export const TOKEN = '375290000001';
export const NUMBER = '0367';

/** A database of its own for the tests of one file, made from the migrated template and dropped afterwards. */
export function useDatabase(): { readonly db: Pool; readonly url: string } {
  const port = inject('postgresPort');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = databaseUrlFor(port, name);
  const admin = postgres(databaseUrlFor(port, 'postgres'), { max: 1, onnotice: () => {} });
  const db = connect(url, { max: 8 });
  beforeAll(async () => {
    await admin`create database ${admin(name)} template trunkline`;
  });
  afterAll(async () => {
    await db.end();
    await admin`drop database ${admin(name)} with (force)`;
    await admin.end();
  });
  return { db, url };
}

/** The demo enterprise with RetailCRM connected at this address. */
export async function insertEnterprise(
  db: Pool,
  {
    crmUrl = 'http://127.0.0.1:1/retailcrm/demo',
    number = NUMBER,
    token = TOKEN,
    chatId = '-1000000000367',
    active = true,
  } = {},
): Promise<void> {
  const config = sealSecrets(
    {
      retailcrm: {
        enabled: true,
        api_url: crmUrl,
        api_key: 'demo-key-0367',
        client_id: 'client-0367',
      },
    },
    secrets,
  );
  await db`
    insert into enterprises (number, name, name2, token, secret, active, bot_token, chat_id, integrations_config)
    values (${number}, ${`name ${number}`}, ${`alias-${number}`}, ${token}, ${`secret-${number}`}, ${active},
      ${secrets.seal('700000001:demo-telegram-token-0367')}, ${chatId}, ${db.json(JSON.parse(JSON.stringify(config)))})`;
}
