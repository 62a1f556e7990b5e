import postgres from 'postgres';
import * as z from 'zod';

import type { Stack } from '../../infra/local/stack.ts';
import { sealSecrets } from '../../shared/crm/config-copies.ts';
import { createSecretBox } from '../../shared/secrets.ts';
import { control } from '../bench/simulated-crm.ts';

export type Tenant = { number: string; token: string; account: string; bot: string; chat: number };

const PEOPLE = [
  { id: 16, firstName: 'Анна', extension: '150' },
  { id: 17, firstName: 'Борис', extension: '151' },
  { id: 18, firstName: 'Вера', extension: '152' },
];

/** Enterprises with every CRM and a Telegram chat, each with accounts of its own: no vendor's limit is the fault. */
export async function createTenants(stack: Stack, count: number): Promise<Tenant[]> {
  const key = stack.environment['ENCRYPTION_KEY'] ?? '';
  const secrets = createSecretBox(key);
  const db = postgres(stack.environment['DATABASE_URL'] ?? '', { max: 1, onnotice: () => {} });
  const tenants = Array.from({ length: count }, (_, index): Tenant => {
    const number = String(2001 + index);
    return {
      number,
      token: `37529${number}000`,
      account: `faults-${number}`,
      bot: `70000${number}:demo-telegram-token-${number}`,
      chat: -1_000_000_000_000 - Number(number),
    };
  });
  try {
    for (const tenant of tenants) {
      const { number, token, account, bot, chat } = tenant;
      await introduce(stack, tenant);
      const peers = `http://127.0.0.1:${stack.ports.peers}`;
      const config = sealSecrets(
        {
          retailcrm: {
            enabled: true,
            api_url: `${peers}/retailcrm/${account}`,
            api_key: `key-${number}`,
            client_id: `client-${number}`,
          },
          bitrix24: {
            enabled: true,
            webhook_url: `${peers}/bitrix24/${account}/rest/1/webhook-${number}/`,
            user_id: '1',
          },
          amocrm: {
            enabled: true,
            subdomain: `${peers}/amocrm/${account}`,
            client_id: 'client',
            client_secret: 'secret',
            access_token: `token-${number}`,
          },
        },
        secrets,
      );
      await db`
        insert into enterprises (number, name, token, secret, bot_token, chat_id, integrations_config)
        values (${number}, ${`faults ${number}`}, ${token}, ${`secret-${number}`}, ${secrets.seal(bot)},
          ${String(chat)}, ${db.json(JSON.parse(JSON.stringify(config)))})`;
      const users = PEOPLE.flatMap(({ id, extension }) =>
        ['retailcrm', 'bitrix24', 'amocrm'].map((type) => ({
          enterprise_number: number,
          integration_type: type,
          extension,
          crm_user_id: String(id),
        })),
      );
      await db`insert into integration_users ${db(users)}`;
    }
  } finally {
    await db.end();
  }
  return tenants;
}

/** Makes the vendors know a tenant. */
async function introduce(stack: Stack, { number, account, bot, chat }: Tenant): Promise<void> {
  await control(stack, `retailcrm/${account}`, {
    key: `key-${number}`,
    users: PEOPLE.map(({ id, firstName, extension }) => ({ id, firstName, code: extension })),
    telephony: true,
  });
  await control(stack, `bitrix24/${account}`, {
    secret: `webhook-${number}`,
    users: [{ id: 1, firstName: 'Дежурный' }, ...PEOPLE],
  });
  await control(stack, `amocrm/${account}`, {
    longLivedToken: `token-${number}`,
    users: PEOPLE.map(({ id, firstName }) => ({ id, name: firstName })),
  });
  await control(stack, 'telegram/bots', { token: bot, username: `faults_${number}_bot` });
  await control(stack, 'telegram/chats', { id: chat, type: 'supergroup', title: account });
}

const Entries = z.array(z.looseObject({}));
const Sequenced = z.looseObject({ sequence: z.number() });
const Retailcrm = z.object({
  popups: z.array(
    z.looseObject({
      callExternalId: z.string(),
      type: z.string(),
      repeats: z.number(),
      events: z.array(Sequenced),
    }),
  ),
  journal: z.array(z.looseObject({ externalId: z.string(), uploads: z.array(Sequenced) })),
});
const Bitrix24 = z.object({
  journal: z.array(z.looseObject({ externalCallId: z.union([z.string(), z.number()]).nullish() })),
});
const Amocrm = z.object({ calls: Entries, unsorted: Entries });
const Chat = z.object({
  messages: z.array(z.looseObject({ text: z.string(), deleted: z.boolean() })),
});

/** What the vendors of a tenant show. */
export async function visibleOf(stack: Stack, { account, chat }: Tenant) {
  const [retailcrm, bitrix24, amocrm, telegram] = await Promise.all([
    control(stack, `retailcrm/${account}`),
    control(stack, `bitrix24/${account}`),
    control(stack, `amocrm/${account}`),
    control(stack, `telegram/chats/${chat}`),
  ]);
  const { calls, unsorted } = Amocrm.parse(amocrm);
  return {
    retailcrm: Retailcrm.parse(retailcrm),
    bitrix24: Bitrix24.parse(bitrix24).journal.map(({ externalCallId }) => String(externalCallId)),
    amocrm: [...calls, ...unsorted].map((entry) => JSON.stringify(entry)),
    messages: Chat.parse(telegram).messages.filter(({ deleted }) => !deleted),
  };
}
export type Visible = Awaited<ReturnType<typeof visibleOf>>;
