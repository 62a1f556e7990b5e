import postgres from 'postgres';

import { hashPassword } from '../../shared/auth/passwords.ts';
import { hashToken } from '../../shared/auth/tokens.ts';
import { openSecrets, sealSecrets } from '../../shared/crm/config-copies.ts';
import { connectCrm } from '../../shared/crm/registry.ts';
import { loadSettings } from '../../shared/crm/tools.sql.ts';
import { createTools } from '../../shared/crm/tools.ts';
import { connect } from '../../shared/db.ts';
import { type OutboundRequest, sendOutbound } from '../../shared/outbound.ts';
import { createSecretBox } from '../../shared/secrets.ts';
import { createBot } from '../../shared/telegram/bot.ts';
import type { Ports } from './ports.ts';
import { seedHosting } from './seed-hosting.ts';

type Tenant = {
  number: string;
  name: string;
  token: string;
  secret: string;
  telegramChat: string | null;
  crm: { account: string; key: string };
  sshPassword: string;
};

const TENANTS: Tenant[] = [
  {
    number: '0367',
    name: 'june',
    token: '375290000001',
    secret: 'demo-secret-0367',
    telegramChat: '-1000000000367',
    crm: { account: 'demo', key: 'demo-key-0367' },
    sshPassword: 'demo-asterisk-0367',
  },
  {
    number: '0368',
    name: 'july',
    token: '375290000002',
    secret: 'demo-secret-0368',
    telegramChat: null,
    crm: { account: 'second', key: 'demo-key-0368' },
    sshPassword: 'demo-asterisk-0368',
  },
];

const BOT_TOKEN = '700000001:demo-telegram-token-0367';
const EXTENSIONS = [
  { extension: '150', name: 'Анна' },
  { extension: '151', name: 'Борис' },
  { extension: '152', name: 'Вера' },
];
const CRM_USERS = [
  { extension: '150', crmUserId: '16' },
  { extension: '151', crmUserId: '17' },
  { extension: '152', crmUserId: '18' },
];
const AMOCRM_USERS = ['150', '151', '152'].map((extension) => ({
  enterprise_number: '0367',
  integration_type: 'amocrm',
  extension,
  crm_user_id: `8320${extension}`,
}));
const LINES = [
  { line: '0001363', name: 'Отдел продаж' },
  { line: '0001366', name: 'Склад' },
];

const AI_PROMPT =
  'Ты помощник мастерской «Июнь». Отвечай коротко и по делу, на языке вопроса. Чего не знаешь — не выдумывай: предложи позвать менеджера.';

/** For the local stack only, whose database is not reached from outside. */
const DEMO_LOGINS = { superadmin: 'admin', enterpriseAdmin: 'june', password: 'trunkline-local' };

/** Demo data, once: what somebody changed afterwards stays as it is. */
export async function seed(
  databaseUrl: string,
  { ports, encryptionKey }: { ports: Ports; encryptionKey: string },
): Promise<void> {
  const secrets = createSecretBox(encryptionKey);
  const db = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    for (const tenant of TENANTS) {
      const config = sealSecrets(
        { retailcrm: { enabled: true, ...retailcrmOf(tenant, ports) } },
        secrets,
      );
      const { number, name, token, secret, telegramChat, sshPassword } = tenant;
      await db`
        insert into enterprises (number, name, name2, token, secret, ip, ssh_port, ssh_credentials,
          bot_token, chat_id, integrations_config, client_id_hash)
        values (${number}, ${name}, ${`${name}2`}, ${token}, ${secret}, '127.0.0.1', ${ports.asterisk},
          ${secrets.seal(sshPassword)}, ${telegramChat && secrets.seal(BOT_TOKEN)}, ${telegramChat}, ${db.json(JSON.parse(JSON.stringify(config)))},
          ${hashToken(retailcrmOf(tenant, ports).client_id)})
        on conflict (number) do update set ssh_credentials = excluded.ssh_credentials
        where enterprises.ssh_credentials is null`;
      const owned = <T extends object>(rows: T[]) =>
        rows.map((row) => ({ ...row, enterprise_number: number }));
      await db`insert into extensions ${db(owned(EXTENSIONS))} on conflict do nothing`;
      await db`insert into lines ${db(owned(LINES))} on conflict do nothing`;
      const users = CRM_USERS.map(({ extension, crmUserId }) => ({
        integration_type: 'retailcrm',
        extension,
        crm_user_id: crmUserId,
      }));
      await db`insert into integration_users ${db(owned(users))} on conflict do nothing`;
    }
    await db`update chat_settings set ai_prompt = ${AI_PROMPT} where ai_prompt = ''`;
    await connectLaterCrms(db, ports, secrets);
    await seedLogins(db);
    await seedHosting(db);
  } finally {
    await db.end();
  }
}

/** CRMs that came after the first version: into older data too. A connection that is there stays as it is. */
async function connectLaterCrms(
  db: postgres.Sql,
  ports: Ports,
  secrets: ReturnType<typeof createSecretBox>,
): Promise<void> {
  const later = {
    bitrix24: {
      enabled: true,
      webhook_url: `http://127.0.0.1:${ports.peers}/bitrix24/demo/rest/1/demo-webhook-0367/`,
      user_id: '1',
      application_token: 'demo-application-token-0367',
    },
    amocrm: {
      enabled: true,
      subdomain: `http://127.0.0.1:${ports.peers}/amocrm/demo`,
      client_id: 'demo-amocrm-client-0367',
      client_secret: 'demo-amocrm-secret-0367',
      access_token: 'demo-amocrm-access-0367',
      refresh_token: 'demo-amocrm-refresh-0367',
      redirect_uri: 'https://hub.example/amocrm',
    },
  };
  for (const [type, settings] of Object.entries(sealSecrets(later, secrets))) {
    const connected = await db`
      update enterprises
      set integrations_config = integrations_config || ${db.json(JSON.parse(JSON.stringify({ [type]: settings })))},
          config_version = config_version + 1
      where number = '0367'
        and not integrations_config ? ${type}
      returning number`;
    if (type === 'amocrm' && connected.length > 0)
      await db`insert into integration_users ${db(AMOCRM_USERS)} on conflict do nothing`;
  }
}

/** A superadmin and an admin of june. Not again when they are there: hashing takes its time with every start. */
async function seedLogins(db: postgres.Sql): Promise<void> {
  const [found] = await db`select 1 from admins where login = ${DEMO_LOGINS.superadmin}`;
  if (found) return;
  const [admin, user] = await Promise.all([1, 2].map(() => hashPassword(DEMO_LOGINS.password)));
  await db`
    insert into admins (login, password_hash)
    values (${DEMO_LOGINS.superadmin}, ${admin ?? ''})
    on conflict do nothing`;
  await db`
    insert into users (enterprise_number, login, password_hash)
    values ('0367', ${DEMO_LOGINS.enterpriseAdmin}, ${user ?? ''})
    on conflict do nothing`;
}

/** Makes the simulated CRMs and Telegram know the demo tenants, as saving the settings does. They forget with every stop. */
export async function registerDemoCrms(
  databaseUrl: string,
  {
    ports,
    encryptionKey,
    webhookSecret,
  }: { ports: Ports; encryptionKey: string; webhookSecret: string },
): Promise<void> {
  const db = connect(databaseUrl);
  const dependencies = {
    db,
    secrets: createSecretBox(encryptionKey),
    publicUrl: `http://127.0.0.1:${ports.web}`,
    send: (request: OutboundRequest) => sendOutbound(request, { allowPrivate: true }),
  };
  const users = Object.fromEntries(CRM_USERS.map((user) => [user.extension, user.crmUserId]));
  try {
    for (const tenant of TENANTS) {
      const subject = {
        enterpriseNumber: tenant.number,
        type: 'retailcrm',
        users,
        callId: null,
      } as const;
      const crm = connectCrm('retailcrm', retailcrmOf(tenant, ports));
      await crm?.register(createTools(dependencies, subject));
    }
    const eventsUrl = `${dependencies.publicUrl}/api/crm/bitrix24/0367/events`;
    await fetch(`http://127.0.0.1:${ports.peers}/control/bitrix24/demo`, {
      method: 'POST',
      body: JSON.stringify({ eventsUrl }),
    });
    await renewDemoTokens(db, dependencies.secrets, ports);
    await createBot(BOT_TOKEN, `http://127.0.0.1:${ports.peers}/telegram`).setWebhook(
      `${dependencies.publicUrl}/telegram/enterprise/0367`,
      webhookSecret,
    );
  } finally {
    await db.end();
  }
}

/** The tokens that the simulated amoCRM gave out before it was stopped: it has forgotten them, the database has not. */
async function renewDemoTokens(
  db: ReturnType<typeof connect>,
  secrets: ReturnType<typeof createSecretBox>,
  ports: Ports,
): Promise<void> {
  const { amocrm } = openSecrets(await loadSettings(db, '0367'), secrets);
  if (amocrm?.['subdomain'] !== `http://127.0.0.1:${ports.peers}/amocrm/demo`) return;
  await fetch(`http://127.0.0.1:${ports.peers}/control/amocrm/demo`, {
    method: 'POST',
    body: JSON.stringify({
      accessToken: amocrm['access_token'],
      refreshToken: amocrm['refresh_token'],
    }),
  });
}

function retailcrmOf({ number, crm }: Tenant, ports: Ports) {
  return {
    api_url: `http://127.0.0.1:${ports.peers}/retailcrm/${crm.account}`,
    api_key: crm.key,
    client_id: `demo-retailcrm-client-${number}`,
  };
}
