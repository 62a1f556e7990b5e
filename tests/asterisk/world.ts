import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, inject } from 'vitest';

import { type Channel, readChannels } from '../../shared/asterisk/answers.ts';
import type { Box } from '../../shared/asterisk/box.ts';
import { createPool } from '../../shared/asterisk/pool.ts';
import { cli, type RealBox } from './real-box.ts';

export const realBox = inject('realBox');

/** For tests that are skipped anyway when there is none. */
export function theBox(): RealBox {
  if (!realBox) throw new Error('there is no real Asterisk');
  return realBox;
}

export function boxOf(changed: Partial<Box> = {}): Box {
  const { sshPort: port, password } = theBox();
  const login = { enterpriseNumber: '0367', host: '127.0.0.1', port, user: 'root' };
  return { ...login, credentials: { password }, hostKey: null, ...changed };
}

export const channels = async (): Promise<Channel[]> =>
  readChannels(await cli(theBox(), 'core show channels concise'));

/** Asks again until it is so. */
export async function until<T>(
  look: () => Promise<T | undefined | false>,
  { withinMs = 10_000, what = 'it' } = {},
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > end) throw new Error(`${what} did not happen within ${withinMs} ms`);
    await sleep(100);
  }
}

export async function hangUpAll(): Promise<void> {
  await cli(theBox(), 'channel request hangup all');
  await until(async () => (await channels()).length === 0, { what: 'the end of all calls' });
}

type Posted = { path: string; token: string | undefined; body: Record<string, unknown> };
type Answer = { status: number; body: string };

/** Where the box posts to: what it posted, and the answer that a test wants. */
export function useHub() {
  const posted: Posted[] = [];
  let answer: (posted: Posted) => Promise<Answer> | Answer = () => ({ status: 200, body: '{}' });
  const server = createServer((request, response) => {
    void (async () => {
      const text = await textOf(request);
      const token = request.headers['token'];
      const seen: Posted = {
        path: request.url ?? '',
        token: Array.isArray(token) ? token[0] : token,
        body: JSON.parse(text) as Record<string, unknown>,
      };
      posted.push(seen);
      const { status, body } = await answer(seen);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    })().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  let url = '';
  beforeAll(async () => {
    if (!realBox) return;
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await setGlobal('TRUNKLINE_URL', url);
  });
  afterAll(() => void server.close());
  return {
    posted,
    of: (path: string) => posted.filter((each) => each.path === path),
    answers: (next: typeof answer) => {
      answer = next;
    },
    url: () => url,
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return text;
}

export async function setGlobal(name: string, value: string): Promise<void> {
  await cli(theBox(), `dialplan set global ${name} ${value}`);
}

/** Never the same login twice in one pool: a refused one is remembered. */
export function newPool(pinned: Record<string, string> = {}) {
  return createPool({
    pin: async (number, fingerprint) => (pinned[number] ??= fingerprint),
  });
}
