import middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';

import type { Caller } from '../auth/caller.ts';
import type { Auth, Contract, CorsPolicy } from '../contract.ts';
import { AppError } from '../errors.ts';
import { type HttpEvent, type HttpRequest, toRequest } from './http-event.ts';
import { log } from './log.ts';
import { report } from './report.ts';

export type HttpReply = {
  status: number;
  body?: unknown;
  text?: string;
  headers?: Record<string, string>;
  /** Nothing came of it: not for the audit log. */
  isIdle?: boolean;
};

/**
 * A promise to the outside and the code that keeps it. The request is as it came: `route` and `guardedRoute` make
 * routes that have it read by the contract.
 */
export type Route = {
  contract: Contract;
  handle: (request: HttpRequest, caller?: Caller) => Promise<HttpReply>;
};

/**
 * Finds out who asks, and throws when they may not; notes what they changed when the route does not do so itself.
 * Handed in, so that functions without guarded routes do not carry the code of sessions.
 */
export type Gate = {
  (contract: Contract, request: HttpRequest): Promise<Caller>;
  note?: (contract: Contract, request: HttpRequest, caller: Caller) => Promise<void>;
};

type Result = APIGatewayProxyStructuredResultV2;

const CORS_HEADERS = {
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-expose-headers': 'retry-after',
  'access-control-max-age': '600',
};

const LOOKS_FOR_ITSELF: ReadonlySet<Auth> = new Set(['none', 'box token', 'visitor']);
const isGuarded = ({ auth }: Contract): boolean => !LOOKS_FOR_ITSELF.has(auth);
const isPersonal = (contract: Contract): boolean =>
  isGuarded(contract) || contract.auth === 'visitor';

/** What is for one person must not stay in a cache on the way. */
const PRIVATE = { 'cache-control': 'no-store' };

type Options = {
  /** Origins of the pages that may read routes of the `sites` policy. */
  sites?: ReadonlySet<string> | undefined;
};

/**
 * Wraps the routes of one function: payload 2.0 and 1.0 in, one place for errors, logs, and CORS.
 * Below 500 the caller reads the error's own sentence; from 500 up a fixed one and the request's id.
 */
export function http(routes: Route[], gate?: Gate, { sites }: Options = {}) {
  const unguarded = routes.find(({ contract }) => !gate && isGuarded(contract));
  if (unguarded) throw new Error(`${unguarded.contract.path} needs a gate`);
  return middy<HttpEvent, Result, Error, Context>()
    .before(({ event, context }) => {
      log.addContext(context);
      log.appendKeys({ requestId: event.requestContext.requestId });
    })
    .after(() => log.resetKeys())
    .onError(async (request) => {
      request.response = await toErrorReply(request.error, request.event.requestContext.requestId);
      log.resetKeys();
    })
    .handler((event) => dispatch(routes, toRequest(event), { gate, sites }));
}

async function dispatch(
  routes: Route[],
  request: HttpRequest,
  { gate, sites }: Options & { gate: Gate | undefined },
): Promise<Result> {
  const matches = routes.flatMap((route) => {
    const params = matchPath(route.contract.path, request.path);
    return params ? [{ route, params }] : [];
  });
  const [anyMethod] = matches;
  if (!anyMethod) throw new AppError('not_found', 'Not found');
  const { contract } = anyMethod.route;
  const headers = {
    ...corsHeaders(contract.cors, request, sites),
    ...(isPersonal(contract) && PRIVATE),
  };
  if (request.method === 'OPTIONS') return { statusCode: 204, headers };

  try {
    const match = matches.find(({ route }) => route.contract.method === request.method);
    if (!match) throw new AppError('not_found', 'Not found');
    return toResult(await pass(match.route, { ...request, params: match.params }, gate), headers);
  } catch (error) {
    // A page of another origin must be able to read why it was refused.
    const reply = await toErrorReply(error, request.requestId);
    return { ...reply, headers: { ...reply.headers, ...headers } };
  }
}

function corsHeaders(
  policy: CorsPolicy,
  request: HttpRequest,
  sites: ReadonlySet<string> = new Set(),
): Record<string, string> {
  if (policy === 'none') return {};
  if (policy === 'open') return { ...CORS_HEADERS, 'access-control-allow-origin': '*' };
  const origin = request.headers['origin'] ?? '';
  // The answer differs by who asks: a cache must not hand one site's to another.
  const vary = { vary: 'origin' };
  if (!sites.has(origin)) return vary;
  return { ...CORS_HEADERS, ...vary, 'access-control-allow-origin': origin };
}

/** Who may not enter learns nothing about what the request should have looked like. */
async function pass(route: Route, request: HttpRequest, gate?: Gate): Promise<HttpReply> {
  const { contract } = route;
  if (!isGuarded(contract)) return route.handle(request);
  const caller = await gate?.(contract, request);
  const reply = await route.handle(request, caller);
  const isNotedHere = contract.method !== 'GET' && contract.audit === undefined;
  if (gate?.note && caller && isNotedHere && reply.status < 400 && !reply.isIdle) {
    // It is done: an error now would have the caller do it once more.
    await gate
      .note(contract, request, caller)
      .catch((error: unknown) =>
        report('audit entry lost', error, { requestId: request.requestId }),
      );
  }
  return reply;
}

/** `/api/callevent/{event}` against a path: the parameters, or nothing when it does not fit. */
function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith('{')) params[part.slice(1, -1)] = decode(value);
    else if (part !== value) return undefined;
  }
  return params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

async function toErrorReply(error: unknown, requestId: string): Promise<Result> {
  if (!(error instanceof AppError) || error.status >= 500) {
    await report('request failed', error, { requestId });
    const status = error instanceof AppError ? error.status : 500;
    return toResult({ status, body: { detail: 'Internal error', request_id: requestId } });
  }
  log.info('request refused', { status: error.status, code: error.code });
  const { message, errors, retryAfterSeconds } = error;
  const reply = toResult({
    status: error.status,
    body: { detail: message, ...(errors && { errors }) },
  });
  if (retryAfterSeconds === undefined) return reply;
  return { ...reply, headers: { ...reply.headers, 'retry-after': `${retryAfterSeconds}` } };
}

function toResult(
  { status, body, text, headers }: HttpReply,
  added: Record<string, string> = {},
): Result {
  const type = text === undefined ? 'application/json' : 'text/plain; charset=utf-8';
  return {
    statusCode: status,
    headers: { 'content-type': type, ...headers, ...added },
    body: text ?? JSON.stringify(body ?? {}),
  };
}
