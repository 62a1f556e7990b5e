import * as z from 'zod';

import type { Db, Transaction } from '../db.ts';

const EnterpriseRow = z.object({
  number: z.string(),
  name: z.string(),
  token: z.string(),
  previousTokenUntil: z.date().nullable(),
  secret: z.string(),
  ip: z.string().nullable(),
  host: z.string().nullable(),
  sshPort: z.number().nullable(),
  sshUser: z.string().nullable(),
  /** Sealed: a private key or a password. */
  sshCredentials: z.string().nullable(),
  sshHostKey: z.string().nullable(),
  /** Sealed. */
  botToken: z.string().nullable(),
  chatId: z.string().nullable(),
  timezone: z.string(),
  active: z.boolean(),
  isEnabled: z.boolean(),
  parameterOption1: z.boolean(),
  parameterOption2: z.boolean(),
  parameterOption3: z.boolean(),
  parameterOption4: z.boolean(),
  parameterOption5: z.boolean(),
  customDomain: z.string().nullable(),
  customPort: z.number().nullable(),
  schemeCount: z.number().nullable(),
  gsmLineCount: z.number().nullable(),
  telegramPausedReason: z.string().nullable(),
  createdAt: z.date(),
  updatedAt: z.date(),
});
export type EnterpriseRow = z.output<typeof EnterpriseRow>;

/** Columns by their own names. */
export type Columns = Record<string, string | number | boolean | Date | null>;

type Page = {
  search?: string | undefined;
  active?: boolean | undefined;
  /** The number of the last of the page before. */
  after?: string | undefined;
  limit: number;
};

export async function listEnterprises(db: Db, page: Page): Promise<EnterpriseRow[]> {
  const { search, active, after, limit } = page;
  const part = search && `%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const rows = await db`
    select ${columns(db)}
    from enterprises
    where true
      ${part ? db`and (number ilike ${part} or name ilike ${part})` : db``}
      ${active === undefined ? db`` : db`and active = ${active}`}
      ${after === undefined ? db`` : db`and number > ${after}`}
    order by number
    limit ${limit}`;
  return EnterpriseRow.array().parse([...rows]);
}

export async function findEnterprise(db: Db, number: string): Promise<EnterpriseRow | undefined> {
  const [row] = await db`
    select ${columns(db)}
    from enterprises
    where number = ${number}`;
  return row && EnterpriseRow.parse(row);
}

/** The same, and nobody changes it until the transaction ends. */
export async function lockEnterprise(
  tx: Transaction,
  number: string,
): Promise<EnterpriseRow | undefined> {
  const [row] = await tx`
    select ${columns(tx)}
    from enterprises
    where number = ${number}
    for no key update`;
  return row && EnterpriseRow.parse(row);
}

/** Undefined when the number, or the token in any of its places, is taken. */
export async function insertEnterprise(
  tx: Transaction,
  values: Columns & { token: string },
): Promise<EnterpriseRow | undefined> {
  if (await isTokenTaken(tx, values.token)) return undefined;
  const [row] = await tx`
    insert into enterprises ${tx(values)}
    on conflict do nothing
    returning ${columns(tx)}`;
  return row && EnterpriseRow.parse(row);
}

/** A box may show the token, the one before it, or the name that its dialplan was written with. */
async function isTokenTaken(tx: Transaction, token: string): Promise<boolean> {
  const [row] = await tx`
    select 1
    from enterprises
    where token = ${token}
      or name2 = ${token}
      or (previous_token = ${token} and previous_token_until > now())
    limit 1`;
  return row !== undefined;
}

export async function updateEnterprise(
  tx: Transaction,
  number: string,
  values: Columns,
): Promise<EnterpriseRow> {
  const [row] = await tx`
    update enterprises
    set ${tx({ ...values, updated_at: new Date() })}
    where number = ${number}
    returning ${columns(tx)}`;
  return EnterpriseRow.parse(row);
}

/** The token so far still works until the returned moment. */
export async function replaceToken(
  tx: Transaction,
  number: string,
  { token, keptFor }: { token: string; keptFor: string },
): Promise<Date> {
  const [row] = await tx`
    update enterprises
    set previous_token = token, previous_token_until = now() + ${keptFor}::interval, token = ${token},
        updated_at = now()
    where number = ${number}
    returning previous_token_until`;
  return z.object({ previousTokenUntil: z.date() }).parse(row).previousTokenUntil;
}

function columns(db: Db) {
  return db`
    number, name, token, previous_token_until, secret, ip, host, ssh_port, ssh_user, ssh_credentials, ssh_host_key,
    bot_token, chat_id, timezone, active, is_enabled, parameter_option_1, parameter_option_2, parameter_option_3,
    parameter_option_4, parameter_option_5, custom_domain, custom_port, scheme_count, gsm_line_count,
    telegram_paused_reason, created_at, updated_at`;
}
