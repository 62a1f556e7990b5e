import { randomBytes } from 'node:crypto';

import type * as z from 'zod';

import { hashToken } from '../auth/tokens.ts';
import { sealSecrets, secretValuesOf } from '../crm/config-copies.ts';
import { CLIENT_ID_FIELD, CONFIG_SCHEMAS, type IntegrationsConfig } from '../crm/config.ts';
import { INTEGRATION_TYPES } from '../crm/crm.schema.ts';
import { fitForLog } from '../crm/exchange-record.ts';
import type { Transaction } from '../db.ts';
import type { SecretBox } from '../secrets.ts';
import { type Row, rowSchemas } from './rows.schema.ts';
import * as target from './target.sql.ts';

type Taken<T> = { row: T; notes?: string[] } | 'left out';

export type TableImport<Schema extends z.ZodObject, T> = {
  table: string;
  schema: Schema;
  /** The column that says whose a row is; undefined: the operator's. */
  owner: 'number' | 'enterprise_number' | undefined;
  /** The column that a note calls a row by. */
  key: string;
  take: (row: z.output<Schema>) => Taken<T>;
  /** Returns how many were not there yet. */
  insert: (tx: Transaction, rows: T[]) => Promise<number>;
};

/** The tables of the predecessor, and what becomes of their rows. */
export function describeTables({ timezone, secrets }: { timezone: string; secrets: SecretBox }) {
  const schemas = rowSchemas(timezone);
  /** Of each enterprise, to be masked in what was logged with them. */
  const secretValues = new Map<string, string[]>();
  const table = <Schema extends z.ZodObject, T>(given: TableImport<Schema, T>) => given;
  const as = <T>(row: T): Taken<T> => ({ row });

  return {
    enterprises: table({
      table: 'enterprises',
      schema: schemas.enterprises,
      owner: 'number',
      key: 'number',
      take: ({ integrations_config, ...row }): Taken<target.NewEnterprise> => {
        const { config, notes } = takeConfig(integrations_config ?? {});
        const values = INTEGRATION_TYPES.flatMap((type) =>
          secretValuesOf(config[type] ?? {}, type),
        );
        secretValues.set(row.number, [...values, ...(row.bot_token ? [row.bot_token] : [])]);
        const clientId = config[CLIENT_ID_FIELD.type]?.[CLIENT_ID_FIELD.field];
        const token = row.token ?? row.name2;
        if (!token) notes.push('has neither token nor name2, so a token was made: rotate it');
        return {
          notes,
          row: {
            ...row,
            token: token ?? randomBytes(16).toString('hex'),
            secret: row.secret ?? randomBytes(24).toString('base64url'),
            bot_token: row.bot_token ? secrets.seal(row.bot_token) : null,
            integrations_config: sealSecrets(config, secrets),
            client_id_hash: typeof clientId === 'string' ? hashToken(clientId) : null,
          },
        };
      },
      insert: target.insertEnterprises,
    }),
    lines: table({
      table: 'lines',
      schema: schemas.lines,
      owner: 'enterprise_number',
      key: 'line',
      take: as,
      insert: target.insertLines,
    }),
    extensions: table({
      table: 'extensions',
      schema: schemas.extensions,
      owner: 'enterprise_number',
      key: 'extension',
      take: as,
      insert: target.insertExtensions,
    }),
    users: table({
      table: 'users',
      schema: schemas.users,
      owner: 'enterprise_number',
      key: 'id',
      take: takeUser,
      insert: target.insertUsers,
    }),
    calls: table({
      table: 'calls',
      schema: schemas.calls,
      owner: 'enterprise_number',
      key: 'unique_id',
      take: as,
      insert: target.insertCalls,
    }),
    integrationLogs: table({
      table: 'integration_logs',
      schema: schemas.integrationLogs,
      owner: 'enterprise_number',
      key: 'id',
      take: (row) => {
        const values = secretValues.get(row.enterprise_number) ?? [];
        const masked = (value: typeof row.request_data) =>
          value == null ? null : JSON.parse(JSON.stringify(fitForLog([value], values)));
        return as({
          ...row,
          request_data: masked(row.request_data),
          response_data: masked(row.response_data),
        });
      },
      insert: target.insertLogs,
    }),
    hostingServers: table({
      table: 'hosting_servers',
      schema: schemas.hostingServers,
      owner: undefined,
      key: 'server_name',
      take: as,
      insert: target.insertServers,
    }),
  };
}

/** The settings that are known here, each switched off: the predecessor is still telling the CRMs of calls. */
function takeConfig(config: IntegrationsConfig): { config: IntegrationsConfig; notes: string[] } {
  const notes: string[] = [];
  const known: IntegrationsConfig = {};
  for (const [name, settings = { enabled: false }] of Object.entries(config)) {
    const type = INTEGRATION_TYPES.find((one) => one === name);
    if (!type) {
      notes.push(`the integration ${name} is not known here and stays behind`);
      continue;
    }
    const fields = Object.keys(CONFIG_SCHEMAS[type].shape);
    const unread = Object.keys(settings).filter(
      (key) => key !== 'enabled' && !fields.includes(key),
    );
    if (unread.length > 0) notes.push(`${type}: these settings stay behind: ${unread.join(', ')}`);
    const kept = Object.entries(settings).filter(([key]) => fields.includes(key));
    known[type] = { ...Object.fromEntries(kept), enabled: false };
    if (settings.enabled) notes.push(`${type} is switched off: switch it on when the box is here`);
  }
  return { config: known, notes };
}

/** Employees who were no admins there are none here. */
function takeUser(row: Row<'users'>): Taken<target.NewUser> {
  const login = row.login ?? row.email;
  if (!login || row.is_admin === false) return 'left out';
  const { enterprise_number, active, password_hash: hash } = row;
  const parts = [row.last_name, row.first_name].filter(Boolean).join(' ');
  const passwordHash = hash?.startsWith('$scrypt$ln=') ? hash : undefined;
  const name = row.name ?? (parts || null);
  return { row: { enterprise_number, login, active, name, passwordHash } };
}
