import { randomBytes } from 'node:crypto';

import { insertAudit } from '../audit/audit.sql.ts';
import { changesBetween } from '../audit/changes.ts';
import type { DoneBy } from '../audit/done-by.ts';
import { maskSecret } from '../crm/exchange-record.ts';
import type { Pool, Transaction } from '../db.ts';
import { AppError } from '../errors.ts';
import type { SecretBox } from '../secrets.ts';
import type { Enterprise, EnterpriseChanges, NewEnterprise } from './enterprises.schema.ts';
import * as sql from './enterprises.sql.ts';

type Dependencies = { db: Pool; secrets: SecretBox };

const PREVIOUS_TOKEN_WORKS = '7 days';
const WRITE_ONLY = ['bot_token', 'ssh_credentials', 'token', 'secret'] as const;

/** 32 letters and digits: as old dialplans put it into a URL without a thought. */
const newToken = (): string => randomBytes(16).toString('hex');
const newSecret = (): string => randomBytes(24).toString('base64url');

/** The tenants, as the operator keeps them. What opens something is shown when it is made, and never again. */
export function createEnterprises({ db, secrets }: Dependencies) {
  return {
    async list(page: Parameters<typeof sql.listEnterprises>[1]): Promise<Enterprise[]> {
      return (await sql.listEnterprises(db, page)).map(toShown);
    },

    /** @throws AppError 404 */
    async get(number: string): Promise<Enterprise> {
      const row = await sql.findEnterprise(db, number);
      if (!row) throw unknownEnterprise();
      return toShown(row);
    },

    /** @throws AppError 409 the number or the token is taken */
    async create({ number, token = newToken(), ...rest }: NewEnterprise, by: DoneBy) {
      const secret = newSecret();
      const values = { number, token, secret, ...toColumns(rest) };
      return db.begin(async (tx) => {
        const row = await sql.insertEnterprise(tx, values);
        if (!row) throw new AppError('conflict', 'Номер или токен уже заняты');
        await insertAudit(tx, by, {
          action: 'enterprise.create',
          enterpriseNumber: number,
          changes: changesBetween({}, values, { secret: WRITE_ONLY }),
        });
        return { enterprise: toShown(row), token, secret };
      });
    },

    /** @throws AppError 404 */
    async change(number: string, changes: EnterpriseChanges, by: DoneBy, action = 'update') {
      return db.begin(async (tx) => {
        const before = await existing(tx, number);
        const values = toColumns(changes);
        const after = await sql.updateEnterprise(tx, number, values);
        await insertAudit(tx, by, {
          action: `enterprise.${action}`,
          enterpriseNumber: number,
          changes: changesBetween(comparable(before), comparable(after), { secret: WRITE_ONLY }),
        });
        return toShown(after);
      });
    },

    /** @throws AppError 404 */
    async rotateToken(number: string, by: DoneBy) {
      const token = newToken();
      const until = await db.begin(async (tx) => {
        await existing(tx, number);
        const keptUntil = await sql.replaceToken(tx, number, {
          token,
          keptFor: PREVIOUS_TOKEN_WORKS,
        });
        await insertAudit(tx, by, { action: 'enterprise.rotate_token', enterpriseNumber: number });
        return keptUntil;
      });
      return { token, previous_token_until: until.toISOString() };
    },

    /** @throws AppError 404 */
    async rotateSecret(number: string, by: DoneBy) {
      const secret = newSecret();
      await db.begin(async (tx) => {
        await existing(tx, number);
        await sql.updateEnterprise(tx, number, { secret });
        await insertAudit(tx, by, { action: 'enterprise.rotate_secret', enterpriseNumber: number });
      });
      return { secret };
    },

    /** What a message to its chat would be sent with. @throws AppError 404 */
    async chatOf(number: string, { bot_token, chat_id }: EnterpriseChanges) {
      const row = await sql.findEnterprise(db, number);
      if (!row) throw unknownEnterprise();
      const stored = row.botToken === null ? null : secrets.open(row.botToken);
      return {
        botToken: bot_token === undefined ? stored : bot_token,
        chatId: chat_id === undefined ? row.chatId : chat_id,
      };
    },
  };

  async function existing(tx: Transaction, number: string): Promise<sql.EnterpriseRow> {
    const row = await sql.lockEnterprise(tx, number);
    if (!row) throw unknownEnterprise();
    return row;
  }

  /** Fields as columns, secrets sealed; what is undefined is left out. */
  function toColumns({
    bot_token,
    ssh_password,
    ssh_key,
    ...plain
  }: EnterpriseChanges): sql.Columns {
    const sealed = (value: string | null) => value && secrets.seal(value);
    // Null of one must not undo the other, which was entered in the same form.
    const credentials =
      ssh_key ?? ssh_password ?? (ssh_key === null || ssh_password === null ? null : undefined);
    const columns = {
      ...plain,
      bot_token: bot_token === undefined ? undefined : sealed(bot_token),
      ssh_credentials:
        credentials === undefined ? undefined : sealed(credentials && withLineEnd(credentials)),
    };
    return Object.fromEntries(
      Object.entries(columns).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]],
      ),
    );
  }

  function toShown(row: sql.EnterpriseRow): Enterprise {
    const { token, secret, botToken, sshCredentials } = row;
    return {
      ...plainFields(row),
      token: maskSecret(token),
      secret: maskSecret(secret),
      bot_token: botToken === null ? null : maskSecret(secrets.open(botToken)),
      ssh_credentials: sshCredentials === null ? null : kindOf(secrets.open(sshCredentials)),
      previous_token_until: row.previousTokenUntil?.toISOString() ?? null,
      created_at: row.createdAt.toISOString(),
      updated_at: row.updatedAt.toISOString(),
    };
  }

  /** Secrets as they are: to be compared, not to be written down. */
  function comparable(row: sql.EnterpriseRow): Record<string, unknown> {
    const opened = (value: string | null) => (value === null ? null : secrets.open(value));
    return {
      ...plainFields(row),
      bot_token: opened(row.botToken),
      ssh_credentials: opened(row.sshCredentials),
    };
  }
}

const unknownEnterprise = () => new AppError('not_found', 'Предприятие не найдено');
const kindOf = (credentials: string) => (credentials.startsWith('-----BEGIN') ? 'key' : 'password');

/** A private key whose last line has no end is taken for a broken one. */
const withLineEnd = (text: string): string =>
  kindOf(text) === 'key' ? `${text.trimEnd()}\n` : text;

function plainFields(row: sql.EnterpriseRow) {
  const { number, name, ip, host, timezone, active } = row;
  return {
    number,
    name,
    ip,
    host,
    timezone,
    active,
    ssh_port: row.sshPort,
    ssh_user: row.sshUser,
    ssh_host_key: row.sshHostKey,
    chat_id: row.chatId,
    telegram_paused_reason: row.telegramPausedReason,
    is_enabled: row.isEnabled,
    parameter_option_1: row.parameterOption1,
    parameter_option_2: row.parameterOption2,
    parameter_option_3: row.parameterOption3,
    parameter_option_4: row.parameterOption4,
    parameter_option_5: row.parameterOption5,
    custom_domain: row.customDomain,
    custom_port: row.customPort,
    scheme_count: row.schemeCount,
    gsm_line_count: row.gsmLineCount,
  };
}
