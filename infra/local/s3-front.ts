import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:net';

// Without this the emulator would take such a request for an upload and overwrite the object with its XML.
const NOT_THERE =
  /[?&](tagging|acl|cors|policy|encryption|versioning|website|notification|publicAccessBlock|ownershipControls|object-lock|retention|legal-hold)(=|&|$)/;

/** Puts what the emulator lacks before it: CORS, expiry of signed links, answers with other headers. */
export function putFrontBefore(server: Server): void {
  const listeners = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (answered(request, response)) return;
    for (const listener of listeners) Reflect.apply(listener, server, [request, response]);
  });
}

function answered(request: IncomingMessage, response: ServerResponse): boolean {
  const address = URL.parse(request.url ?? '/', 'http://local');
  if (!address) return false;
  allowOrigin(request, response);
  if (request.method === 'OPTIONS') {
    response.writeHead(204).end();
    return true;
  }
  if (NOT_THERE.test(address.search)) {
    refuse(response, 501, 'NotImplemented', 'The local storage does not know this request');
    return true;
  }
  if (isExpired(address.searchParams)) {
    refuse(response, 403, 'AccessDenied', 'Request has expired');
    return true;
  }
  if (request.method === 'GET') overrideHeaders(response, address.searchParams);
  return false;
}

function allowOrigin({ headers }: IncomingMessage, response: ServerResponse): void {
  if (!headers.origin) return;
  response.setHeader('access-control-allow-origin', headers.origin);
  response.setHeader('vary', 'origin');
  response.setHeader(
    'access-control-expose-headers',
    'etag,content-length,content-range,x-amz-request-id',
  );
  response.setHeader('access-control-allow-methods', 'GET,PUT,POST,DELETE,HEAD');
  response.setHeader(
    'access-control-allow-headers',
    headers['access-control-request-headers'] ?? '*',
  );
  response.setHeader('access-control-max-age', '600');
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`);
}

function isExpired(query: URLSearchParams): boolean {
  const seconds = query.get('X-Amz-Expires');
  const signedAt = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('X-Amz-Date') ?? '');
  if (!seconds || !signedAt) return false;
  const [year = 0, month = 1, ...rest] = signedAt.slice(1).map(Number);
  return Date.UTC(year, month - 1, ...rest) + 1000 * Number(seconds) < Date.now();
}

/** `response-content-disposition` and its like: a signed link names the headers it wants to be answered with. */
function overrideHeaders(response: ServerResponse, query: URLSearchParams): void {
  const wanted = ['content-disposition', 'content-type', 'cache-control'].flatMap((name) => {
    const value = query.get(`response-${name}`);
    return value ? [[name, value] as const] : [];
  });
  if (wanted.length === 0) return;
  // eslint-disable-next-line typescript/unbound-method -- it is called with its `this`
  const { writeHead } = response;
  response.writeHead = function writeOverridden(
    this: ServerResponse,
    status: number,
    ...rest: unknown[]
  ) {
    const given = rest.find((part) => typeof part === 'object' && part !== null) ?? {};
    for (const [name, value] of [...Object.entries(given), ...wanted]) this.setHeader(name, value);
    return Reflect.apply(writeHead, this, [status]);
  };
}
