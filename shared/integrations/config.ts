import { isDeepStrictEqual } from 'node:util';

import { insertAudit } from '../audit/audit.sql.ts';
import { type Change as AuditedChange, changesBetween } from '../audit/changes.ts';
import type { DoneBy } from '../audit/done-by.ts';
import { hashToken } from '../auth/tokens.ts';
import { openSecrets, sealSecrets } from '../crm/config-copies.ts';
import { CLIENT_ID_FIELD, type IntegrationsConfig, SECRET_FIELDS, TITLES } from '../crm/config.ts';
import { INTEGRATION_TYPES, type IntegrationType } from '../crm/crm.schema.ts';
import type { Pool, Transaction } from '../db.ts';
import { loadIntegration } from '../deliveries/integration.sql.ts';
import { AppError, type FieldError } from '../errors.ts';
import type { SecretBox } from '../secrets.ts';
import type { IntegrationState } from './config.schema.ts';
import * as sql from './config.sql.ts';
import type { Connection } from './connection.ts';
import { formOf } from './form.ts';
import type { Mapping } from './mapping.ts';
import type { AddressRules } from './public-address.ts';
import {
  addressErrors,
  isComplete,
  maskSetting,
  maskSettings,
  mergeSettings,
  type Settings,
  withOwnFields,
} from './settings.ts';

type Dependencies = {
  db: Pool;
  secrets: SecretBox;
  addresses: AddressRules;
  connection: Pick<Connection, 'register' | 'unregister' | 'resume'>;
  mapping: Pick<Mapping, 'takeOver'>;
};

/** What was sent: settings by type; null removes the type. */
type Sent = Record<string, Record<string, unknown> | null>;
type Change = { type: IntegrationType; sent: Record<string, unknown> | null };
type Saved = {
  version: number;
  before: IntegrationsConfig;
  config: IntegrationsConfig;
  warnings: FieldError[];
};

const unknownEnterprise = () => new AppError('not_found', 'Предприятие не найдено');

/** The settings of an enterprise's integrations: what a person may see of them, and how they are changed. */
export function createIntegrationConfig({
  db,
  secrets,
  addresses,
  connection,
  mapping,
}: Dependencies) {
  async function load(number: string) {
    const stored = await sql.loadConfig(db, number);
    if (!stored) throw unknownEnterprise();
    return { version: stored.configVersion, config: openSecrets(stored.config, secrets) };
  }

  /** Settings by type, secrets masked. @throws AppError 404 */
  async function read(number: string): Promise<Record<string, Settings>> {
    const { config } = await load(number);
    return Object.fromEntries(
      INTEGRATION_TYPES.flatMap((type) => {
        const settings = config[type];
        return settings ? [[type, maskSettings(type, settings)]] : [];
      }),
    );
  }

  /** All kinds of integration, stored or not, as the admin shows them. @throws AppError 404 */
  async function describe(number: string) {
    const { version, config } = await load(number);
    const states = await statesOf(db, number, config);
    const integrations = INTEGRATION_TYPES.map((type) => ({
      type,
      title: TITLES[type],
      ...states[type],
      settings: maskSettings(type, config[type] ?? { enabled: false }),
      fields: formOf(type),
    }));
    return { config_version: version, integrations };
  }

  /**
   * Checks, saves, tells the CRMs of us, and lets what was paused go on.
   * @throws AppError 404; 422 with every field that is wrong
   */
  async function save(number: string, sent: Sent, by: DoneBy) {
    const changes = knownTypes(sent);
    const before = await load(number);
    await refuseWrong(before.config, changes);
    const saved = await db.begin(async (tx) => {
      const written = await write(tx, number, changes);
      for (const { type } of changes) {
        await insertAudit(tx, by, {
          action: 'integration.update',
          enterpriseNumber: number,
          subject: type,
          changes: settingsChanges(type, written.before[type], written.config[type]),
        });
      }
      return written;
    });
    const working = changes.flatMap(({ type }) => workingOf(saved.config, type));
    const stopped = changes
      .flatMap(({ type }) => workingOf(saved.before, type))
      .filter(({ type }) => workingOf(saved.config, type).length === 0);
    const isNew = ({ type }: { type: IntegrationType }): boolean =>
      workingOf(saved.before, type).length === 0;
    await Promise.all(working.filter(isNew).map(({ type }) => mapping.takeOver(number, type, by)));
    const told = await Promise.all([
      ...working.map((each) => announce(number, each)),
      ...stopped.map((each) => retract(number, each)),
    ]);
    return {
      success: true as const,
      config_version: saved.version,
      states: await statesOf(db, number, saved.config),
      warnings: [...saved.warnings, ...told.flat()],
    };
  }

  async function refuseWrong(config: IntegrationsConfig, changes: Change[]): Promise<void> {
    const found = changes.map(async ({ type, sent }) => {
      if (sent === null) return [];
      const { settings, errors } = mergeSettings(type, config[type], sent);
      return [...errors, ...(await addressErrors(type, settings, addresses))];
    });
    const errors = (await Promise.all(found)).flat();
    if (errors.length === 0) return;
    const reasons = errors.map(({ path, message }) => `${path}: ${message}`);
    throw new AppError('unprocessable', `Проверьте настройки: ${reasons.join('; ')}`, { errors });
  }

  /** Under the lock all is laid over what is stored by now: somebody's renewed token must not be lost. */
  async function write(tx: Transaction, number: string, changes: Change[]): Promise<Saved> {
    const stored = await sql.lockConfig(tx, number);
    if (!stored) throw unknownEnterprise();
    const before = openSecrets(stored.config, secrets);
    const config = { ...before };
    const warnings: FieldError[] = [];
    for (const { type, sent } of changes) {
      if (sent === null) {
        delete config[type];
        await sql.forgetIntegration(tx, number, type);
        continue;
      }
      const merged = mergeSettings(type, before[type], sent);
      config[type] = withOwnFields(type, before[type], merged.settings, new Date());
      warnings.push(...merged.warnings);
    }
    const version = await sql.saveConfig(tx, number, {
      config: sealSecrets(config, secrets),
      changed: !isDeepStrictEqual(config, before),
      clientIdHash: clientIdHashOf(config),
    });
    return { version, before, config, warnings };
  }

  /** What a CRM says against us is a warning: the settings are saved all the same, and its state tells of it. */
  async function announce(
    number: string,
    { type, settings }: { type: IntegrationType; settings: Settings },
  ): Promise<FieldError[]> {
    const stored = await loadIntegration(db, number, type);
    const users = stored?.users ?? {};
    const failure = await connection.register({ number, type, settings, users });
    // With a key that does not fit everything would be parked again at once.
    if (failure?.failureClass !== 'auth') await connection.resume(number, type);
    return failure ? [{ path: type, message: failure.message }] : [];
  }

  /** A CRM that is not reached goes on believing in us; what it sends is refused all the same. */
  async function retract(
    number: string,
    { type, settings }: { type: IntegrationType; settings: Settings },
  ): Promise<FieldError[]> {
    const stored = await loadIntegration(db, number, type);
    const users = stored?.users ?? {};
    const failure = await connection.unregister({ number, type, settings, users });
    return failure ? [{ path: type, message: failure.message }] : [];
  }

  return { read, describe, save };
}

/** The settings of this integration, when they are switched on and complete. */
function workingOf(config: IntegrationsConfig, type: IntegrationType) {
  const settings = config[type];
  return settings?.enabled && isComplete(type, settings) ? [{ type, settings }] : [];
}

/** @throws AppError 422 a type that nobody knows */
function knownTypes(sent: Sent): Change[] {
  const changes = Object.entries(sent).map(([name, settings]) => ({
    name,
    type: INTEGRATION_TYPES.find((known) => known === name),
    sent: settings,
  }));
  const unknown = changes.filter(({ type }) => type === undefined);
  if (unknown.length > 0) {
    const message = 'Такой интеграции нет';
    throw new AppError(
      'unprocessable',
      `${unknown.map(({ name }) => name).join(', ')}: ${message}`,
      {
        errors: unknown.map(({ name }) => ({ path: name, message })),
      },
    );
  }
  return changes.flatMap(({ type, sent: settings }) => (type ? [{ type, sent: settings }] : []));
}

/** Removed ones become nothing. Tokens that we renew ourselves are no change of anybody's. */
function settingsChanges(
  type: IntegrationType,
  before: Settings | undefined,
  after: Settings | undefined,
): AuditedChange[] {
  return changesBetween(before ?? {}, after ?? {}, {
    secret: SECRET_FIELDS[type],
    mask: (value) => (typeof value === 'string' ? maskSetting(value) : '••••'),
  });
}

function clientIdHashOf(config: IntegrationsConfig): Buffer | null {
  const clientId = config[CLIENT_ID_FIELD.type]?.[CLIENT_ID_FIELD.field];
  return typeof clientId === 'string' ? hashToken(clientId) : null;
}

async function statesOf(
  db: Pool,
  number: string,
  config: IntegrationsConfig,
): Promise<Record<IntegrationType, IntegrationState>> {
  const conditions = await sql.loadConditions(db, number);
  const states = INTEGRATION_TYPES.map((type) => {
    const condition = conditions.find(({ integrationType }) => integrationType === type);
    return [type, stateOf(type, config[type], condition)];
  });
  return Object.fromEntries(states) as Record<IntegrationType, IntegrationState>; // every type is named
}

function stateOf(
  type: IntegrationType,
  settings: Settings | undefined,
  condition: sql.Condition | undefined,
): IntegrationState {
  const plain = { reason: null, since: null };
  if (!settings?.enabled) return { state: 'off', ...plain };
  if (!isComplete(type, settings)) return { state: 'not_configured', ...plain };
  const { pausedAt, pauseReason, restsSince, failedAt, problem } = condition ?? {};
  if (pausedAt)
    return { state: 'paused', reason: pauseReason ?? null, since: pausedAt.toISOString() };
  if (restsSince)
    return { state: 'error', reason: 'CRM не отвечает', since: restsSince.toISOString() };
  if (failedAt) return { state: 'error', reason: problem ?? null, since: failedAt.toISOString() };
  return { state: 'active', ...plain };
}
