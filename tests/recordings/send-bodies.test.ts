import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, expect, test } from 'vitest';

import { createStore } from '../../shared/recordings/store.ts';

const MB = 1024 * 1024;
const part = randomBytes(8 * MB + 1);
const object = { contentType: 'audio/wav' };
const agent = new http.Agent();
let server: http.Server | undefined;

afterEach(() => {
  agent.destroy();
  server?.closeAllConnections();
  server?.close();
});

test('a store that reads slowly is given a piece at a time', async () => {
  const asked = Promise.withResolvers<() => void>();
  const store = await serve((request, response) =>
    asked.resolve(() => request.resume().once('end', () => response.end())),
  );
  const sent = store.put('a.wav', part, object);
  const read = await asked.promise;
  await sleep(200);
  const waiting = Object.values(agent.sockets).flatMap((sockets) => sockets ?? []);
  expect(waiting).toHaveLength(1);
  expect(waiting[0]?.writableLength).toBeLessThan(MB);
  read();
  await sent;
});

test('each try sends all of it', async () => {
  const came: { hash: string; headers: http.IncomingHttpHeaders }[] = [];
  const store = await serve((request, response) => {
    const hash = createHash('sha256');
    request.on('data', (piece: Buffer) => hash.update(piece));
    request.once('end', () => {
      came.push({ hash: hash.digest('hex'), headers: request.headers });
      response.writeHead(came.length < 3 ? 503 : 200).end();
    });
  });
  await store.put('a.wav', part, object);
  const headers = expect.objectContaining({
    'content-length': `${part.length}`,
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
  });
  const hash = createHash('sha256').update(part).digest('hex');
  expect(came).toEqual(Array.from({ length: 3 }, () => ({ hash, headers })));
});

test('a store that refuses before it has read is heard', async () => {
  const store = await serve((_request, response) => {
    response.writeHead(403, { connection: 'close' }).end();
  });
  await expect(store.put('a.wav', part, object)).rejects.toMatchObject({
    $metadata: { httpStatusCode: 403 },
  });
});

async function serve(answer: http.RequestListener) {
  server = http.createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const settings = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    bucket: 'recordings',
    accessKey: 'key',
    secretKey: 'secret',
    pathStyle: true,
  };
  return createStore(settings, { requestHandler: { httpAgent: agent } });
}
