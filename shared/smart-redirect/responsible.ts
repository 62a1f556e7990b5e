import { Extension } from '../asterisk/commands.ts';
import { enabledSettings, openSecrets } from '../crm/config-copies.ts';
import { LOOKUP_TYPES, type LookupType } from '../crm/crm.schema.ts';
import { VendorFailure } from '../crm/failure.ts';
import { type ConnectedCrm, connectCrm } from '../crm/registry.ts';
import { createTools, type ToolsDependencies } from '../crm/tools.ts';
import { log } from '../lambda/log.ts';
import { OutboundError, type OutboundAnswer, type OutboundRequest } from '../outbound.ts';
import { spendToken } from '../rate-buckets.sql.ts';
import { preferredAnswer } from './race.ts';
import { type Enterprise, findTalker, type Found, saveFound } from './smart-redirect.sql.ts';

export type FinderDependencies = Omit<ToolsDependencies, 'send'> & {
  send: (request: OutboundRequest, limits: { totalMs: number }) => Promise<OutboundAnswer>;
};

/** Why a call goes its usual way. */
export type ContinueReason =
  | 'disabled'
  | 'no_integrations'
  | 'manager_not_found'
  | 'manager_unreachable'
  | 'timeout'
  | 'asterisk_error'
  | 'channel_gone'
  | 'not_waiting';

/** One CRM that was asked. */
export type Lookup = {
  integration: LookupType;
  outcome: 'found' | 'no_extension' | 'nobody' | 'failed' | 'late';
  extension: string | null;
  name: string | null;
  /** In plain words. */
  problem: string | null;
  took_ms: number;
};

export type Person = {
  extension: Extension;
  name: string | null;
  source: LookupType | 'last_talked' | 'first_talked';
};

export type Finding = {
  person: Person | null;
  clientName: string | null;
  /** The CRMs were not asked, or did not answer. */
  cached: boolean;
  /** How many CRMs are connected. */
  connected: number;
  timedOut: boolean;
  lookups: Lookup[];
};

const PATIENCE = { preferredMs: 300, budgetMs: 2_500 };
const FRESH_SECONDS = 5 * 60;
const STALE_SECONDS = 24 * 3600;

/** Finds who looks after a number. Neither a CRM nor a cache that fails makes it throw. */
export function createFinder(dependencies: FinderDependencies) {
  const { db, secrets } = dependencies;

  /** `useCache` false: asks anew and remembers nothing. */
  async function find(
    enterprise: Enterprise,
    phone: string,
    { useCache = true } = {},
  ): Promise<Finding> {
    const { cached } = enterprise;
    const crms = connect(enterprise);
    const connected = crms.length;
    const nothing = { connected, timedOut: false, lookups: [] };
    if (phone === '') return { ...nothing, person: null, clientName: null, cached: false };
    const known = useCache && connected > 0 && cached && cached.ageSeconds < STALE_SECONDS;
    if (known && cached.ageSeconds < FRESH_SECONDS) {
      return { ...nothing, ...(await personOf(enterprise, phone, cached.found)), cached: true };
    }

    const { found, lookups } = await askAll(enterprise, phone, crms);
    const isCertain = found !== null || lookups.every(({ outcome }) => outcome === 'nobody');
    if (useCache && connected > 0 && isCertain) await remember(enterprise.number, phone, found);
    const isStale = !isCertain && known;
    const person = await personOf(enterprise, phone, isStale ? cached.found : found);
    const timedOut = !isCertain && lookups.some(({ outcome }) => outcome === 'late');
    return { connected, lookups, timedOut, cached: isStale === true, ...person };
  }

  /** The CRMs' person, else the one whom the enterprise's own calls name. */
  async function personOf(
    enterprise: Enterprise,
    phone: string,
    found: Found | null,
  ): Promise<Pick<Finding, 'person' | 'clientName'>> {
    const clientName = found?.clientName ?? null;
    const extension = Extension.safeParse(found?.extension);
    if (found && extension.success) {
      const { name, source } = found;
      return { person: { extension: extension.data, name: name || null, source }, clientName };
    }
    return { person: await fallback(enterprise, phone), clientName };
  }

  async function fallback({ number, settings }: Enterprise, phone: string): Promise<Person | null> {
    const { fallback: source } = settings;
    if (source === 'none') return null;
    const extension = Extension.safeParse(await findTalker(db, number, phone, source));
    return extension.success ? { extension: extension.data, name: null, source } : null;
  }

  /** In the order of preference. */
  function connect({ integrationsConfig, settings, users }: Enterprise) {
    return [...new Set([...settings.order, ...LOOKUP_TYPES])].flatMap((type) => {
      const sealed = integrationsConfig[type];
      if (!sealed?.enabled) return [];
      const opened = enabledSettings(openSecrets({ [type]: sealed }, secrets), type);
      const crm = opened && connectCrm(type, opened);
      return crm ? [{ type, crm, users: users[type] ?? {} }] : [];
    });
  }

  async function askAll({ number }: Enterprise, phone: string, crms: ReturnType<typeof connect>) {
    const began = performance.now();
    const deadline = Date.now() + PATIENCE.budgetMs;
    const lookups = crms.map(({ type }): Lookup => {
      const nothing = { extension: null, name: null, problem: null, took_ms: PATIENCE.budgetMs };
      return { integration: type, outcome: 'late', ...nothing };
    });
    /** Knows a client and no phone of the manager: better than nothing, for the name. */
    let nameless: Found | null = null;
    const asked = crms.map(async ({ type, crm, users }, index): Promise<Found | undefined> => {
      const subject = { enterpriseNumber: number, type, users, callId: null };
      const send = (request: OutboundRequest) =>
        dependencies.send(request, { totalMs: Math.max(1, deadline - Date.now()) });
      const note = (said: Partial<Lookup>) => {
        const took_ms = Math.round(performance.now() - began);
        Object.assign(lookups[index] ?? {}, { ...said, took_ms });
      };
      try {
        void spend(crm);
        const responsible = await crm.findResponsible(
          phone,
          createTools({ ...dependencies, send }, subject),
        );
        if (!responsible) {
          note({ outcome: 'nobody' });
          return undefined;
        }
        const { extension, name, clientName } = responsible;
        const found = { source: type, extension, name, clientName };
        const isPhone = Extension.safeParse(extension).success;
        note({ outcome: isPhone ? 'found' : 'no_extension', extension, name });
        if (isPhone) return found;
        nameless ??= found;
      } catch (error) {
        note(failureOf(error));
      }
      return undefined;
    });
    const found = (await preferredAnswer(asked, PATIENCE)) ?? nameless;
    return { found, lookups: lookups.map((lookup) => ({ ...lookup })) };
  }

  /** Somebody waits: the token is taken without waiting for it, even into debt. */
  async function spend({ bucket }: ConnectedCrm): Promise<void> {
    await spendToken(db, bucket).catch((error: unknown) => logFailure('token not taken', error));
  }

  async function remember(number: string, phone: string, found: Found | null): Promise<void> {
    await saveFound(db, number, phone, found).catch((error: unknown) =>
      logFailure('responsible not remembered', error),
    );
  }

  return { find, fallback };
}
export type Finder = ReturnType<typeof createFinder>;

/** Why nobody gets the call. */
export function whyNobody({ connected, timedOut }: Finding): ContinueReason {
  if (timedOut) return 'timeout';
  return connected === 0 ? 'no_integrations' : 'manager_not_found';
}

function failureOf(error: unknown): Pick<Lookup, 'outcome' | 'problem'> {
  const timedOut =
    (error instanceof VendorFailure && error.timedOut) ||
    (error instanceof OutboundError && error.kind === 'timeout');
  if (error instanceof VendorFailure || error instanceof OutboundError)
    return { outcome: timedOut ? 'late' : 'failed', problem: error.message };
  logFailure('lookup failed', error);
  return { outcome: 'failed', problem: 'Внутренняя ошибка' };
}

function logFailure(message: string, error: unknown): void {
  log.warn(message, { error: error instanceof Error ? error : undefined });
}
