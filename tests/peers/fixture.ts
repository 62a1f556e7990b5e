import { test as base } from 'vitest';

import { type Peers, startPeers } from './server.ts';

type Answered = { status: number; headers: Headers; body: unknown };

export type World = {
  peers: Peers;
  clock: { now: number; advance: (ms: number) => void };
  /** A form whose objects become JSON texts, as RetailCRM wants it. */
  crm: (path: string, fields?: Record<string, unknown>, options?: CrmOptions) => Promise<Answered>;
  crmGet: (path: string, options?: CrmOptions) => Promise<Answered>;
  telegram: (method: string, params: object) => Promise<Answered>;
  control: (path: string, body?: object) => Promise<Answered>;
};
type CrmOptions = { account?: string; key?: string | null };

export const GROUP = -1_000_000_000_367;
export const PRIVATE = 700_367;
export const BOT_TOKEN = '700000001:demo-telegram-token-0367';

/** A world of its own for each test, on a free port, with a clock that moves when told. */
export const test = base.extend<{ world: World }>({
  world: async ({}, use) => {
    const clock = {
      now: Date.UTC(2026, 0, 31, 12),
      advance(ms: number) {
        clock.now += ms;
      },
    };
    const peers = await startPeers({ port: 0, now: () => clock.now });
    await use(createWorld(peers, clock));
    await peers.close();
  },
});

function createWorld(peers: Peers, clock: World['clock']): World {
  const address = (path: string, account = 'demo') => `${peers.url}/retailcrm/${account}${path}`;
  const keyHeader = (key: string | null = 'demo-key-0367'): Record<string, string> =>
    key === null ? {} : { 'x-api-key': key };
  return {
    peers,
    clock,
    crm: (path, fields = {}, { account, key } = {}) =>
      ask(address(path, account), {
        method: 'POST',
        headers: keyHeader(key),
        body: toForm(fields),
      }),
    crmGet: (path, { account, key } = {}) =>
      ask(address(path, account), { headers: keyHeader(key) }),
    telegram: (method, params) =>
      ask(`${peers.url}/telegram/bot${BOT_TOKEN}/${method}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(params),
      }),
    control: (path, body) =>
      ask(
        `${peers.url}/control/${path}`,
        body ? { method: 'POST', body: JSON.stringify(body) } : {},
      ),
  };
}

export function toForm(fields: Record<string, unknown>): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    form.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return form;
}

/** The parsed answer; a page that is not JSON stays text. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answered> {
  const response = await fetch(url, init);
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json');
  return {
    status: response.status,
    headers: response.headers,
    body: json ? JSON.parse(text) : text,
  };
}
