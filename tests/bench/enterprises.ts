import type { Pool } from '../../shared/db.ts';

export type Enterprise = { number: string; token: string };

/** Enterprises with RetailCRM and Telegram switched on. Their secrets are never opened here. */
export async function insertEnterprises(db: Pool, count: number): Promise<Enterprise[]> {
  const enterprises = Array.from({ length: count }, (_, index) => ({
    number: String(9000 + index),
    token: `bench-token-${index}`,
  }));
  const config = {
    retailcrm: {
      enabled: true,
      api_url: 'http://127.0.0.1:1/retailcrm/bench',
      api_key: 'bench',
      client_id: 'bench',
    },
  };
  for (const { number, token } of enterprises) {
    await db`
      insert into enterprises (number, name, token, secret, bot_token, chat_id, integrations_config)
      values (${number}, ${`bench ${number}`}, ${token}, ${`bench-secret-${number}`}, 'bench',
        ${`-${number}`}, ${db.json(config)})
      on conflict (number) do nothing`;
  }
  return enterprises;
}
