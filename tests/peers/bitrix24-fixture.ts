import { test as base } from 'vitest';

import { Bitrix24Config } from '../../shared/crm/bitrix24/config.ts';
import { bitrix24 } from '../../shared/crm/bitrix24/crm.ts';
import type { CallStep } from '../../shared/crm/crm.schema.ts';
import type { CallSnapshot, CrmContext, DeliveryResult } from '../../shared/crm/crm.ts';
import { sendOutbound } from '../../shared/outbound.ts';
import { CALL } from '../support/crm-call.ts';
import { createTestTools } from '../support/crm-tools.ts';
import type { Mode } from './behaviour.ts';
import { countEffects, type Portal } from './bitrix24-portal.ts';
import { ask } from './fixture.ts';
import { type Peers, startPeers } from './server.ts';

export type Context = CrmContext<Bitrix24Config>;
type Delivering = { call?: Partial<CallSnapshot>; extensions?: string[]; maybeApplied?: boolean };

export type Bitrix24World = {
  peers: Peers;
  portal: Portal;
  clock: { now: number; advance: (ms: number) => void };
  /** The adapter's context: nobody is mapped, requests give up after half a second. */
  context: Context;
  deliver: (step: CallStep, how?: Delivering) => Promise<DeliveryResult>;
  /** Makes the portal misbehave once; `path` is a pattern over the method's name. */
  misbehave: (mode: Mode | 'ok', path?: string) => Promise<void>;
  /** Names of the methods asked so far, a batch as its commands. */
  asked: () => string[];
  requests: () => number;
  counts: () => ReturnType<typeof countEffects>;
  /** Users who see a card now. */
  seeing: () => number[];
  /** One method, asked by hand. */
  rest: (method: string, params?: object, secret?: string) => ReturnType<typeof ask>;
  control: (path: string, body?: object) => ReturnType<typeof ask>;
};

export const SECRET = 'demo-webhook-0367';

/** A portal and an adapter of its own for each test, with a clock that moves when told. */
export const test = base.extend<{ world: Bitrix24World }>({
  world: async ({}, use) => {
    const clock = {
      now: CALL.startedAt.getTime() + 5_000,
      advance(ms: number) {
        clock.now += ms;
      },
    };
    const peers = await startPeers({ port: 0, now: () => clock.now });
    await use(createWorld(peers, clock));
    await peers.close();
  },
});

function createWorld(peers: Peers, clock: Bitrix24World['clock']): Bitrix24World {
  const sent: string[][] = [];
  const config = Bitrix24Config.parse({
    webhook_url: `${peers.url}/bitrix24/demo/rest/1/${SECRET}`,
    user_id: '1',
  });
  const tools = createTestTools({
    send(request) {
      const { cmd } = JSON.parse(request.body ?? '{}') as { cmd?: object };
      const method = request.url.slice(request.url.lastIndexOf('/') + 1);
      const commands = Object.values(cmd ?? {}).map((each) => String(each).split('?')[0] ?? '');
      sent.push(cmd ? commands : [method]);
      return sendOutbound(request, { allowPrivate: true, totalMs: 500 });
    },
  });
  const context: Context = { ...tools, config };
  const portal = peers.bitrix24.portal('demo');
  const control = (path: string, body?: object) =>
    ask(`${peers.url}/control/${path}`, body ? { method: 'POST', body: JSON.stringify(body) } : {});
  return {
    peers,
    portal,
    clock,
    context,
    control,
    deliver: (step, { call = {}, extensions = ['150', '151'], maybeApplied = false } = {}) =>
      bitrix24.deliver({ step, extensions, maybeApplied }, { ...CALL, ...call }, context),
    async misbehave(mode, path) {
      const rule = mode === 'ok' ? {} : { times: 1 };
      await control('behave', { peer: 'bitrix24', mode, ...rule, ...(path && { path }) });
    },
    asked: () => sent.flat().map((method) => method.replace(/^telephony\.externalcall\./i, '')),
    requests: () => sent.length,
    counts: () => countEffects(portal),
    seeing: () =>
      [...portal.cards.values()].filter(({ shown }) => shown).map(({ userId }) => userId),
    rest: (method, params = {}, secret = SECRET) =>
      ask(`${peers.url}/bitrix24/demo/rest/1/${secret}/${method}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(params),
      }),
  };
}
