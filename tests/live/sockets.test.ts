import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { createSockets } from '../../shared/live/sockets.ts';

let server: Server | undefined;
beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => {
  vi.unstubAllEnvs();
  server?.closeAllConnections();
  server?.close();
});

/** The management API of a gateway that answers like this. */
async function gateway(answer: RequestListener): Promise<string> {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/prod`;
}

const status = (code: number) =>
  gateway((request, response) => {
    request.resume();
    response.writeHead(code).end();
  });

test('a frame is posted as JSON to the connection', async () => {
  const seen: string[] = [];
  const endpoint = await gateway((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${body}`);
      response.writeHead(200).end();
    });
  });
  const sockets = createSockets(endpoint);
  expect(await sockets.send('JKJbZdJpFiACEtw=', { type: 'pong' })).toBe('sent');
  await sockets.close('JKJbZdJpFiACEtw=');
  expect(seen).toEqual([
    'POST /prod/@connections/JKJbZdJpFiACEtw%3D {"type":"pong"}',
    'DELETE /prod/@connections/JKJbZdJpFiACEtw%3D ',
  ]);
});

describe('a connection that is gone', () => {
  test('is said to be', async () => {
    const sockets = createSockets(await status(410));
    expect(await sockets.send('gone=', { type: 'pong' })).toBe('gone');
  });

  test('need not be closed', async () => {
    const sockets = createSockets(await status(410));
    await expect(sockets.close('gone=')).resolves.toBeUndefined();
  });
});

test.each([403, 429, 500])('what the gateway refuses with %d is an error', async (code) => {
  const sockets = createSockets(await status(code));
  await expect(sockets.send('one=', { type: 'pong' })).rejects.toMatchObject({
    $metadata: { httpStatusCode: code },
  });
});

test('nobody waits for a gateway that does not answer, and it is asked once', async () => {
  let asked = 0;
  const endpoint = await gateway(() => {
    asked += 1;
  });
  const sockets = createSockets(endpoint, { timeoutMs: 100 });
  await expect(sockets.send('one=', { type: 'pong' })).rejects.toThrow(/abort/i);
  expect(asked).toBe(1);
});
