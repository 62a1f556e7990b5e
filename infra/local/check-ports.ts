import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { PlainError } from './plain-error.ts';

export type NeededPort = { part: string; port: number };

/** Fails with the list of the ports that somebody else holds. */
export async function checkPorts(needed: NeededPort[], { waitMs = 0 } = {}): Promise<void> {
  const deadline = Date.now() + waitMs;
  let taken = await takenOf(needed);
  while (taken.length > 0 && Date.now() < deadline) {
    await sleep(200);
    taken = await takenOf(taken);
  }
  if (taken.length === 0) return;

  const list = taken.map(({ part, port }) => `  port ${port}, needed for ${part}`).join('\n');
  const first = taken[0]?.port;
  throw new PlainError(
    `${taken.length === 1 ? 'A port is' : 'Some ports are'} in use:\n${list}\n` +
      `Who holds it: ss -ltnp 'sport = :${first}'   or: lsof -i :${first}\n` +
      'Stop that program, or shift all ports of this stack: PORT_OFFSET=100 npm start',
  );
}

async function takenOf(needed: NeededPort[]): Promise<NeededPort[]> {
  const results = await Promise.all(
    needed.map(async (item) => ((await isFree(item.port)) ? [] : [item])),
  );
  return results.flat();
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen({ port, host: '127.0.0.1', exclusive: true });
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
