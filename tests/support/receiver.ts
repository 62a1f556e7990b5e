import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = { headers: IncomingHttpHeaders; body: string };

/** Somebody's own address that takes webhooks: on loopback, and remembers them. */
export async function startReceiver() {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(receiver.status, receiver.headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver = {
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/calls`,
    /** What it answers. */
    status: 204,
    headers: {} as Record<string, string>,
    reset() {
      received.length = 0;
      receiver.status = 204;
      receiver.headers = {};
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
  return receiver;
}
