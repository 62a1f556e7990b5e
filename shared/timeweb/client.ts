import { setTimeout as delay } from 'node:timers/promises';

import type * as z from 'zod';

import {
  type OutboundAnswer,
  OutboundError,
  type OutboundRequest,
  sendOutbound,
} from '../outbound.ts';
import { TimewebFailure } from './failure.ts';
import { createPace } from './pace.ts';
import {
  type AccountStatus,
  type Configurator,
  ConfiguratorsAnswer,
  ErrorAnswer,
  FinancesAnswer,
  type Preset,
  PresetsAnswer,
  ServerAnswer,
  type ServiceCost,
  ServiceCostsAnswer,
  ServersAnswer,
  StatusAnswer,
  type TimewebFinances,
  type TimewebServer,
} from './schema.ts';

/** Timeweb Cloud, as far as servers and money go. Every function throws TimewebFailure and nothing else. */
export type Timeweb = {
  /** All of them, however many pages that is. */
  getServers: () => Promise<TimewebServer[]>;
  getServer: (id: number) => Promise<TimewebServer>;
  getPresets: () => Promise<Preset[]>;
  getConfigurators: () => Promise<Configurator[]>;
  getServiceCosts: () => Promise<ServiceCost[]>;
  getFinances: () => Promise<TimewebFinances>;
  getAccountStatus: () => Promise<AccountStatus>;
};

type Options = {
  url: string;
  token: string;
  send: (request: OutboundRequest, limits: { totalMs: number }) => Promise<OutboundAnswer>;
  /** For each function above, with its pages, its turns and its retries. */
  budgetMs?: number;
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
};

const PAGE = 100;
const ATTEMPT_MS = 10_000;
const BUDGET_MS = 18_000;
const RETRY_SECONDS = [2, 3, 4];

/** Undefined without a token. The address is the operator's own word, so it may be private. */
export function connectTimeweb(
  env: { TIMEWEB_API_URL: string; TIMEWEB_API_TOKEN: string | undefined },
  options: { budgetMs?: number } = {},
): Timeweb | undefined {
  if (env.TIMEWEB_API_TOKEN === undefined) return undefined;
  return createTimeweb({
    url: env.TIMEWEB_API_URL,
    token: env.TIMEWEB_API_TOKEN,
    send: (request, limits) => sendOutbound(request, { allowPrivate: true, ...limits }),
    ...options,
  });
}

export function createTimeweb(options: Options): Timeweb {
  const { url, token, send, budgetMs = BUDGET_MS, now = () => performance.now() } = options;
  const sleep = options.sleep ?? (async (ms: number) => delay(ms, undefined));
  const turn = createPace({ now, sleep });

  return {
    async getServers() {
      const until = now() + budgetMs;
      // While pages are read a server may come or go and shift the others; the second reading then settles it.
      const servers = (await readServers(until)) ?? (await readServers(until));
      if (!servers) throw new TimewebFailure('malformed', { said: 'список серверов неполон' });
      return servers;
    },
    getServer: async (id) =>
      (await ask('/api/v1/servers/{id}', ServerAnswer, { path: `/api/v1/servers/${id}` })).server,
    getPresets: async () => (await ask('/api/v1/presets/servers', PresetsAnswer)).server_presets,
    getConfigurators: async () =>
      (await ask('/api/v1/configurator/servers', ConfiguratorsAnswer)).server_configurators,
    getServiceCosts: async () =>
      (await ask('/api/v1/account/services/cost', ServiceCostsAnswer)).services_costs,
    getFinances: async () => (await ask('/api/v1/account/finances', FinancesAnswer)).finances,
    getAccountStatus: async () => (await ask('/api/v1/account/status', StatusAnswer)).status,
  };

  /** Undefined when the pages do not add up to the total they name. */
  async function readServers(until: number): Promise<TimewebServer[] | undefined> {
    const servers = new Map<number, TimewebServer>();
    const totals = new Set<number>();
    let offset = 0;
    for (;;) {
      const path = `/api/v1/servers?limit=${PAGE}&offset=${offset}`;
      const page = await ask('/api/v1/servers', ServersAnswer, { path, until });
      for (const server of page.servers) servers.set(server.id, server);
      offset += page.servers.length;
      const total = page.meta?.total ?? undefined;
      if (total !== undefined) totals.add(total);
      const isLast = total === undefined ? page.servers.length < PAGE : offset >= total;
      if (isLast || page.servers.length === 0) break;
    }
    const addsUp = totals.size === 0 || (totals.size === 1 && totals.has(servers.size));
    return addsUp ? [...servers.values()] : undefined;
  }

  /** Once, and again when there were too many requests: at most three times, and never past the budget. */
  async function ask<Schema extends z.ZodType>(
    endpoint: string,
    schema: Schema,
    { path = endpoint, until = now() + budgetMs }: { path?: string; until?: number } = {},
  ): Promise<z.output<Schema>> {
    for (let retry = 0; ; retry += 1) {
      await turn(endpoint);
      const answer = await request(path, until - now());
      if (answer.status !== 429) return read(answer, schema);
      const seconds = secondsNamed(answer) ?? RETRY_SECONDS[retry];
      const isLast = retry === RETRY_SECONDS.length || seconds === undefined;
      if (isLast || now() + seconds * 1000 > until)
        throw new TimewebFailure('limited', { status: 429 });
      await sleep(seconds * 1000);
    }
  }

  async function request(path: string, leftMs: number): Promise<OutboundAnswer> {
    if (leftMs <= 0) throw new TimewebFailure('down', { said: 'не хватило времени' });
    try {
      return await send(
        {
          method: 'GET',
          url: `${url.replace(/\/+$/, '')}${path}`,
          headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
        },
        { totalMs: Math.min(leftMs, ATTEMPT_MS) },
      );
    } catch (cause) {
      if (!(cause instanceof OutboundError)) throw cause;
      throw new TimewebFailure(cause.kind === 'too_large' ? 'malformed' : 'down', { cause });
    }
  }
}

/** No header is promised; a time that is named counts. */
function secondsNamed({ headers }: OutboundAnswer): number | undefined {
  const seconds = Number(headers['retry-after'] ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

function read<Schema extends z.ZodType>(
  { status, text }: OutboundAnswer,
  schema: Schema,
): z.output<Schema> {
  const body = parseJson(text);
  if (status < 200 || status > 299) throw refusalOf(status, body);
  const result = schema.safeParse(body);
  // The answer itself is not a part of the failure: it holds passwords.
  if (!result.success) throw new TimewebFailure('malformed', { status });
  return result.data;
}

/** Undefined for what is no JSON: an empty 401, an HTML page of a proxy. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusalOf(status: number, body: unknown): TimewebFailure {
  const { message, error_code: code } = ErrorAnswer.safeParse(body).data ?? {};
  const said = message ?? code ?? undefined;
  switch (status) {
    case 401:
      return new TimewebFailure('unauthorized', { status });
    case 403:
      return new TimewebFailure('forbidden', { status });
    case 404:
      return new TimewebFailure('not_found', { status });
    default:
      return status >= 500
        ? new TimewebFailure('down', { status })
        : new TimewebFailure('refused', { status, said: said?.slice(0, 200) });
  }
}
