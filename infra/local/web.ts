import { once } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  request as requestOf,
  type Server,
  type ServerResponse,
} from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream';

import { contentSecurityPolicy } from '../content-security-policy.ts';
import { checkout } from './folders.ts';
import type { Ports } from './ports.ts';

const API = /^\/(api|enterprise|admin|r|telegram|health|metrics)(\/|$)/;
const ADMIN = path.join(checkout, 'web/admin/dist');
const WIDGET = path.join(checkout, 'web/widget/dist');
const DEMO = path.join(checkout, 'web/widget/demo');

/** Built files whose name changes with what is in them. */
const HASHED = /^\/ui\/assets\//;

const CONTENT_TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** The origin that people open: the admin pages, and the API behind the same address. */
export async function startWeb(ports: Ports): Promise<Server> {
  const headers = securityHeaders(ports);
  const server = createServer((request, response) => {
    const [pathname = '/'] = (request.url ?? '/').split('?', 1);
    if (API.test(pathname)) passOn(request, response, ports.http);
    else if (pathname === '/') response.writeHead(302, { location: '/ui/' }).end();
    else if (pathname === '/ui') response.writeHead(302, { location: '/ui/' }).end();
    else if (pathname.startsWith('/ui/')) serveAdmin(pathname, response, headers);
    else if (pathname === '/widget.js') serveFile(path.join(WIDGET, 'widget.js'), response);
    else if (pathname === '/widget-demo')
      response.writeHead(302, { location: '/widget-demo/' }).end();
    else if (pathname.startsWith('/widget-demo/')) serveDemo(pathname, response);
    else
      answer(
        response,
        404,
        'text/plain; charset=utf-8',
        'There is nothing here. The pages begin at /ui/\n',
      );
  });
  server.listen({ port: ports.web, host: '127.0.0.1' });
  await once(server, 'listening');
  return server;
}

function passOn(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { remoteAddress = '' } = request.socket;
  const upstream = requestOf({
    host: '127.0.0.1',
    port,
    method: request.method,
    path: request.url,
    headers: {
      ...request.headers,
      'x-forwarded-for': [request.headers['x-forwarded-for'], remoteAddress]
        .filter(Boolean)
        .join(', '),
      'x-forwarded-host': request.headers.host ?? '',
      'x-forwarded-proto': 'http',
    },
  });
  upstream.on('response', (incoming) => {
    response.writeHead(incoming.statusCode ?? 502, incoming.headers);
    pipeline(incoming, response, () => {});
  });
  upstream.on('error', () => {
    if (response.headersSent) response.destroy();
    else
      answer(
        response,
        502,
        'application/json',
        JSON.stringify({ detail: 'The API does not answer' }),
      );
  });
  response.on('close', () => upstream.destroy());
  pipeline(request, upstream, () => {});
}

/** The same as the CDN sends (docs/deploy.md), for this machine's addresses. */
function securityHeaders(ports: Ports): Record<string, string> {
  const here = (scheme: string, port: number): string[] =>
    ['127.0.0.1', 'localhost'].map((host) => `${scheme}://${host}:${port}`);
  return {
    'content-security-policy': contentSecurityPolicy({
      websocket: here('ws', ports.websocket),
      storage: here('http', ports.aws),
    }),
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  };
}

/** A path that is no file is a route of the single-page app: the CDN rewrites it to index.html likewise. */
function serveAdmin(
  pathname: string,
  response: ServerResponse,
  headers: Record<string, string>,
): void {
  const index = path.join(ADMIN, 'index.html');
  const file = fileFor(ADMIN, pathname.slice('/ui/'.length));
  if (!file && path.extname(pathname)) {
    answer(response, 404, 'text/plain; charset=utf-8', 'No such file\n');
    return;
  }
  serveFile(file ?? index, response, {
    ...headers,
    'cache-control': HASHED.test(pathname) ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
}

/** A page of somebody else's site, where the chat stands. */
function serveDemo(pathname: string, response: ServerResponse): void {
  const name = pathname.slice('/widget-demo/'.length) || 'index.html';
  const file = fileFor(DEMO, name);
  if (file) serveFile(file, response);
  else answer(response, 404, 'text/plain; charset=utf-8', 'No such file\n');
}

function serveFile(
  file: string,
  response: ServerResponse,
  headers: Record<string, string> = { 'cache-control': 'no-cache' },
): void {
  const type = CONTENT_TYPES[path.extname(file)] ?? 'application/octet-stream';
  response.writeHead(200, { ...headers, 'content-type': type });
  pipeline(createReadStream(file), response, () => {});
}

function fileFor(folder: string, name: string): string | undefined {
  try {
    const file = path.join(folder, decodeURIComponent(name));
    return file.startsWith(folder + path.sep) && statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined; // malformed, or no such file
  }
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}
