import { randomUUID } from 'node:crypto';

import { check } from './control.ts';
import { createLimiter, type Limit } from './limits.ts';
import { type Answer, type Clock, ControlError, type Peer, type PeerRequest } from './peer.ts';
import {
  type Account,
  AccountPatch,
  CONFIGURATORS,
  createAccount,
  patchAccount,
  PLANTED,
} from './timeweb-account.ts';
import { renderTimeweb } from './timeweb-panel.ts';

export const TIMEWEB_TOKEN = 'demo-timeweb-token';

const LIMIT: Limit = { kind: 'window', count: 20, perMs: 1_000 };
const USUAL_PAGE = 100;

export type TimewebPeer = Peer & {
  account: () => Account;
  /** How many requests came since the last reset. */
  requests: () => number;
};
type Fault = Exclude<AccountPatch['fault'], null | undefined>;
type Route = {
  endpoint: string;
  path: RegExp;
  answer: (request: PeerRequest, id: number) => Answer;
};

/** Timeweb Cloud, as far as servers and money go: reading only. */
export function createTimeweb({ now }: { now: Clock }): TimewebPeer {
  const limiter = createLimiter(now);
  let account = createAccount(TIMEWEB_TOKEN);
  let fault: Fault | null = null;
  let calls = new Map<string, number>();

  const routes: Route[] = [
    {
      endpoint: 'servers',
      path: /^\/api\/v1\/servers$/,
      answer({ query }) {
        const limit = readCount(query, 'limit', USUAL_PAGE);
        const offset = readCount(query, 'offset', 0);
        if (limit === undefined || offset === undefined || limit < 1) {
          return refuse(400, 'bad_request', [
            'limit must not be less than 1',
            'limit must be an integer number',
          ]);
        }
        const servers = account.servers.slice(offset, offset + limit);
        return ok({ servers, meta: { total: account.servers.length } });
      },
    },
    {
      endpoint: 'servers/{id}',
      path: /^\/api\/v1\/servers\/(\d+)$/,
      answer(_request, id) {
        const server = account.servers.find((each) => each.id === id);
        return server ? ok({ server }) : refuse(404, 'not_found', 'Server not found');
      },
    },
    list('presets/servers', () => ({ server_presets: account.presets })),
    list('configurator/servers', () => ({ server_configurators: CONFIGURATORS })),
    list('account/services/cost', () => ({ services_costs: account.costs })),
    {
      endpoint: 'account/finances',
      path: /^\/api\/v1\/account\/finances$/,
      answer: () => ok({ finances: account.finances }),
    },
    {
      endpoint: 'account/status',
      path: /^\/api\/v1\/account\/status$/,
      answer: () =>
        ok({
          status: {
            is_blocked: false,
            is_permanent_blocked: false,
            is_send_bill_letters: false,
            last_password_changed_at: '2021-02-25T11:04:15Z',
            company_info: { id: 0, name: 'Пример' },
            ym_client_id: null,
          },
        }),
    },
  ];

  function answer(request: PeerRequest): Answer {
    const broken = takeFault(request.path);
    if (broken) return broken;
    if (request.headers['authorization'] !== `Bearer ${account.token}`) return EMPTY_401;
    const route = routes.find(({ path }) => path.test(request.path));
    if (!route) return refuse(404, 'not_found', 'Resource not found');
    if (request.method !== 'GET') return refuse(404, 'not_found', `Cannot ${request.method}`);
    calls.set(route.endpoint, (calls.get(route.endpoint) ?? 0) + 1);
    if (limiter.take([[route.endpoint, LIMIT]]) > 0) return LIMITED;
    const [, id] = route.path.exec(request.path) ?? [];
    return route.answer(request, Number(id));
  }

  function takeFault(path: string): Answer | undefined {
    if (!fault || !path.includes(fault.path)) return undefined;
    const { kind } = fault;
    fault = fault.times > 1 ? { ...fault, times: fault.times - 1 } : null;
    return FAULTS[kind];
  }

  return {
    name: 'timeweb',
    title: 'Timeweb Cloud',
    locate: (path) => ({ account: 'demo', path }),
    answer,
    overloaded: () => LIMITED,
    broken: () => refuse(500, 'internal_server_error', 'Internal server error'),
    secrets: () => [account.token, PLANTED.root, PLANTED.vnc, PLANTED.cloudInit],
    reset() {
      limiter.reset();
      account = createAccount(TIMEWEB_TOKEN);
      fault = null;
      calls = new Map();
    },
    account: () => account,
    requests: () => [...calls.values()].reduce((sum, count) => sum + count, 0),
    control({ method, segments: [id], body }) {
      if (method === 'GET' && id === undefined) {
        const { servers, finances, costs } = account;
        return { servers: servers.map(withoutSecrets), finances, costs, fault, calls: count() };
      }
      if (method === 'POST') {
        const patch =
          id === undefined
            ? check(AccountPatch, body)
            : check(AccountPatch, { servers: { [id]: body } });
        if (id !== undefined && !account.servers.some((each) => String(each.id) === id)) {
          throw new ControlError(404, `no Timeweb server ${id}`);
        }
        patchAccount(account, patch);
        if (patch.fault !== undefined) fault = patch.fault;
        return { ok: true, servers: account.servers.length, fault };
      }
      return undefined;
    },
    panel: () => renderTimeweb(account, count(), fault?.kind),
  };

  function count(): Record<string, number> {
    return Object.fromEntries(calls);
  }
}

function list(endpoint: string, entities: () => Record<string, unknown[]>): Route {
  return {
    endpoint,
    path: new RegExp(`^/api/v1/${endpoint}$`),
    answer() {
      const found = entities();
      const total = Object.values(found).reduce((sum, items) => sum + items.length, 0);
      return ok({ ...found, meta: { total } });
    },
  };
}

/** Undefined for what is no whole number. */
function readCount(query: URLSearchParams, name: string, usual: number): number | undefined {
  const text = query.get(name);
  if (text === null) return usual;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function ok(body: object): Answer {
  return { status: 200, body: { ...body, response_id: randomUUID() } };
}

function refuse(status: number, code: string, message: string | string[]): Answer {
  return {
    status,
    body: { status_code: status, error_code: code, message, response_id: randomUUID() },
    refused: typeof message === 'string' ? message : message.join('; '),
  };
}

/** The real one answers a wrong token with a 401 that has no body at all. */
const EMPTY_401: Answer = { status: 401, body: '', refused: 'Unauthorized' };
/** Neither a header nor the answer says how long to wait. */
const LIMITED: Answer = refuse(429, 'too_many_requests', 'Too many requests');
const HTML_502 =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n';

const FAULTS: Record<Fault['kind'], Answer> = {
  empty_401: EMPTY_401,
  array_400: refuse(400, 'bad_request', ['value must be a number', 'value must be positive']),
  html_502: { status: 502, body: HTML_502, refused: '502 Bad Gateway' },
  not_json: { status: 200, body: '<!doctype html><title>Технические работы</title>' },
  garbage: { status: 200, body: { response_id: 'a1' } },
  limited: LIMITED,
};

function withoutSecrets(server: Account['servers'][number]) {
  const { root_pass: _root, vnc_pass: _vnc, cloud_init: _init, ...rest } = server;
  return rest;
}
