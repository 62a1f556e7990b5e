import { isDeepStrictEqual } from 'node:util';

import { openSecrets, secretValuesOf } from '../crm/config-copies.ts';
import { CLIENT_ID_FIELD } from '../crm/config.ts';
import type { IntegrationType } from '../crm/crm.schema.ts';
import type { CrmTools, CrmUser } from '../crm/crm.ts';
import { createExchangeRecord } from '../crm/exchange-record.ts';
import { VendorFailure } from '../crm/failure.ts';
import { type ConnectedCrm, connectCrm } from '../crm/registry.ts';
import { createTools, type ToolsDependencies } from '../crm/tools.ts';
import { resumeIntegration } from '../deliveries/integration-state.sql.ts';
import { loadIntegration } from '../deliveries/integration.sql.ts';
import { toCrmMessage } from '../deliveries/messages.ts';
import { AppError } from '../errors.ts';
import type { OutboundAnswer, OutboundRequest } from '../outbound.ts';
import type { Queue } from '../queue.ts';
import { logContact } from './config.sql.ts';
import type { AddressRules } from './public-address.ts';
import { addressErrors, isComplete, mergeSettings, type Settings } from './settings.ts';

export type ConnectionDependencies = Omit<ToolsDependencies, 'send'> & {
  crm: Pick<Queue, 'sendAll'>;
  addresses: AddressRules;
  send: (request: OutboundRequest, limits: { totalMs: number }) => Promise<OutboundAnswer>;
};

type Subject = {
  number: string;
  type: IntegrationType;
  settings: Settings;
  users: Record<string, string>;
};

/** Somebody waits before a page, and the gateway does not wait longer than 30 s. */
const REQUEST_MS = 8_000;

/** Talks to a CRM outside of deliveries: tries settings, tells it of us, asks for its people. */
export function createConnection(dependencies: ConnectionDependencies) {
  const { db, secrets, crm, addresses } = dependencies;

  /** The stored settings, opened. @throws AppError 404 */
  async function load(number: string, type: IntegrationType) {
    const stored = await loadIntegration(db, number, type);
    if (!stored) throw new AppError('not_found', 'Предприятие не найдено');
    const settings: Settings | undefined = openSecrets(stored.config, secrets)[type];
    return { settings, users: stored.users };
  }

  /** The tools for one conversation, and what was said in it. */
  function prepare({ number, type, settings, users }: Subject) {
    const record = createExchangeRecord(secretValuesOf(settings, type));
    let asked = false;
    let httpStatus: number | null = null;
    const send = async (request: OutboundRequest): Promise<OutboundAnswer> => {
      let answer: OutboundAnswer | undefined;
      asked = true;
      try {
        answer = await dependencies.send(request, { totalMs: REQUEST_MS });
        httpStatus = answer.status;
        return answer;
      } finally {
        record.note(request, answer);
      }
    };
    const tools = createTools(
      { ...dependencies, send },
      { enterpriseNumber: number, type, users, callId: null },
    );
    const began = performance.now();
    const tookMs = () => Math.round(performance.now() - began);
    const log = async (event: string, problem: string | null): Promise<void> => {
      if (!asked) return;
      const said = { request: record.request(), response: record.response() };
      const common = { enterpriseNumber: number, integrationType: type, httpStatus };
      await logContact(db, { ...common, ...said, event, problem, tookMs: tookMs() });
    };
    return { tools, tookMs, log };
  }

  /** Tells the CRM of us, where it has to know, or that we are gone. Returns what went wrong. */
  async function tell(
    subject: Subject,
    event: 'register' | 'unregister',
  ): Promise<VendorFailure | undefined> {
    const connected = connectCrm(subject.type, subject.settings);
    if (!connected) return undefined;
    const { tools, log } = prepare(subject);
    try {
      await connected[event](tools);
    } catch (error) {
      if (!(error instanceof VendorFailure)) throw error;
      await log(event, error.message);
      return error;
    }
    await log(event, null);
    return undefined;
  }
  const register = (subject: Subject) => tell(subject, 'register');
  const unregister = (subject: Subject) => tell(subject, 'unregister');

  /** Lets an integration go on. Returns how many calls waited. What the queue does not take the sweeper brings. */
  async function resume(number: string, type: IntegrationType): Promise<number> {
    const key = { enterpriseNumber: number, integrationType: type };
    const waiting = await db.begin((tx) => resumeIntegration(tx, key));
    await crm.sendAll(waiting.map(toCrmMessage));
    return waiting.length;
  }

  /**
   * Tries the stored settings with these laid over them.
   * @throws AppError 404; 422 with every field that is wrong
   */
  async function test(number: string, type: IntegrationType, sent: Record<string, unknown>) {
    const stored = await load(number, type);
    const { settings, errors } = mergeSettings(type, stored.settings, sent);
    const wrong = [...errors, ...(await addressErrors(type, settings, addresses))];
    if (wrong.length > 0)
      throw new AppError('unprocessable', 'Проверьте настройки', { errors: wrong });
    const isStored = isDeepStrictEqual(
      { ...settings, enabled: true },
      { ...stored.settings, enabled: true },
    );
    // What we keep ourselves comes with the first save; a test does not need it.
    const tried = { ...ownFieldsForTest(type), ...settings };
    const connected = isComplete(type, tried) ? connectCrm(type, tried) : undefined;
    if (!connected) {
      const hint = 'Заполните все обязательные поля и повторите тест.';
      return { ok: false, problem: 'Заполнены не все настройки', hint, took_ms: 0 };
    }
    const subject = { number, type, settings: tried, users: stored.users };
    const { tools, tookMs, log } = prepare(subject);
    const report = await connected.test(isStored ? tools : withoutRenewal(tools));
    if (isStored) await log('test', report.ok ? null : report.problem);
    if (!report.ok) return { ...report, took_ms: tookMs() };
    if (!isStored || !settings.enabled) return { ok: true, took_ms: tookMs() };

    const failure = await register(subject);
    if (failure) {
      const hint = 'Ключ подходит, но регистрация не удалась: повторите тест позже.';
      return { ok: false, problem: failure.message, hint, took_ms: tookMs() };
    }
    return { ok: true, resumed: await resume(number, type), took_ms: tookMs() };
  }

  /** The CRM's people; undefined when it has no list of them. @throws AppError 404, 422; VendorFailure */
  async function listUsers(number: string, type: IntegrationType): Promise<CrmUser[] | undefined> {
    const { settings, users } = await load(number, type);
    const connected: ConnectedCrm | undefined = settings && connectCrm(type, settings);
    if (!settings || !connected)
      throw new AppError('unprocessable', 'Интеграция не настроена', {
        errors: [{ path: 'type', message: 'не настроена' }],
      });
    return connected.listUsers(prepare({ number, type, settings, users }).tools);
  }

  return { load, register, unregister, resume, test, listUsers };
}
export type Connection = ReturnType<typeof createConnection>;

function ownFieldsForTest(type: IntegrationType): Record<string, string> {
  return type === CLIENT_ID_FIELD.type ? { [CLIENT_ID_FIELD.field]: 'test' } : {};
}

/** A renewed token that nobody keeps would be lost, and the connection with it. */
function withoutRenewal(tools: CrmTools): CrmTools {
  const problem = 'Срок доступа истёк: сохраните настройки, чтобы он продлился, и повторите тест';
  return {
    ...tools,
    renewSettings: () => Promise.reject(new VendorFailure('auth', problem)),
  };
}
