import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import * as z from 'zod';

import type { Random } from '../../calls/random.ts';

const Event = z.object({ type: z.string(), data: z.object({ call_id: z.string() }) });

/** A receiver of webhooks that often misbehaves, and keeps what it took: ids by event, in order, by call. */
export async function startReceiver(random: Random, faultRate: number) {
  const calls = new Map<string, Map<string, Set<string>>>();

  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString()));
    request.on('end', () => {
      const fault = random() < faultRate ? Math.floor(random() * 4) : undefined;
      if (fault === 0) return void response.writeHead(500).end();
      if (fault === 1) return void request.socket.destroy();
      const { type, data } = Event.parse(JSON.parse(text));
      const events = calls.get(data.call_id) ?? new Map<string, Set<string>>();
      const ids = events.get(type) ?? new Set<string>();
      ids.add(String(request.headers['webhook-id']));
      calls.set(data.call_id, events.set(type, ids));
      if (fault === 2) return void request.socket.destroy();
      if (fault === 3) return undefined; // never answered
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/calls`,
    calls,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
