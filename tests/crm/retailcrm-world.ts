import { test } from 'vitest';

import type { CallStep } from '../../shared/crm/crm.schema.ts';
import type { CallSnapshot, CrmContext, DeliveryStep } from '../../shared/crm/crm.ts';
import type { RetailcrmConfig } from '../../shared/crm/retailcrm/config.ts';
import { retailcrm } from '../../shared/crm/retailcrm/crm.ts';
import { type OutboundAnswer, type OutboundRequest, sendOutbound } from '../../shared/outbound.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { CALL } from '../support/crm-call.ts';

export type Context = CrmContext<RetailcrmConfig>;

export const CONFIG = {
  api_url: 'https://demo.retailcrm.ru',
  api_key: 'demo-key-0367',
  client_id: 'client-0367',
};
export const USERS = new Map([
  ['150', '16'],
  ['151', '17'],
  ['152', '18'],
]);

/** What RetailCRM needs no help with: it keeps nothing between steps and its key never changes. */
export const UNUSED: Pick<Context, 'memory' | 'renewSettings'> = {
  memory: {
    read: () => Promise.reject(new Error('RetailCRM needs no memory')),
    write: () => Promise.reject(new Error('RetailCRM needs no memory')),
  },
  renewSettings: () => Promise.reject(new Error('RetailCRM renews nothing')),
};

export function stepOf(step: CallStep, extensions: string[] = []): DeliveryStep {
  return { step, extensions, maybeApplied: false };
}

type Sent = {
  method: string;
  path: string;
  fields: Record<string, unknown>;
  headers: Record<string, string>;
};

/** A context whose requests are kept and answered with `answer`. */
export function listening(
  answer: Partial<OutboundAnswer> | Error = {},
  change: Partial<Context> = {},
) {
  const sent: Sent[] = [];
  const context: Context = {
    ...UNUSED,
    config: CONFIG,
    users: USERS,
    publicUrl: 'https://calls.example.com',
    async send(request: OutboundRequest) {
      const { method, url, body = '', headers = {} } = request;
      const fields = [...new URLSearchParams(body)].map(([name, value]) => [
        name,
        JSON.parse(value),
      ]);
      sent.push({
        method,
        path: url.replace(CONFIG.api_url, ''),
        fields: Object.fromEntries(fields),
        headers,
      });
      if (answer instanceof Error) throw answer;
      return { status: 200, headers: {}, text: '{"success":true}', ...answer };
    },
    ...change,
  };
  return { context, sent };
}

export const refusing = (status: number, body: object | string, headers = {}) =>
  listening({ status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) })
    .context;

export async function deliver(
  step: CallStep,
  call: Partial<CallSnapshot> = {},
  extensions = ['150', '151'],
) {
  const { context, sent } = listening();
  const result = await retailcrm.deliver(stepOf(step, extensions), { ...CALL, ...call }, context);
  return {
    result,
    sent,
    events: sent.flatMap(({ fields }) => fields['event'] ?? []),
    calls: sent.flatMap(({ fields }) => (fields['calls'] ?? []) as Record<string, unknown>[]),
  };
}

export const EVENT = '/api/v5/telephony/call/event';
export const UPLOAD = '/api/v5/telephony/calls/upload';
export const DELIVERED = { outcome: 'delivered' };

/** The strict simulator: what RetailCRM would refuse is refused. */
export const strict = test.extend<{
  peers: Peers;
  demo: Context;
  control: (path: string, body: object) => Promise<unknown>;
}>({
  peers: async ({}, use) => {
    const peers = await startPeers({ port: 0 });
    await use(peers);
    await peers.close();
  },
  demo: async ({ peers }, use) => {
    await use({
      ...UNUSED,
      config: { ...CONFIG, api_url: `${peers.url}/retailcrm/demo` },
      users: USERS,
      publicUrl: 'https://calls.example.com',
      send: (request) => sendOutbound(request, { allowPrivate: true, totalMs: 500 }),
    });
  },
  control: async ({ peers }, use) => {
    await use(async (path, body) => {
      await fetch(`${peers.url}/control/${path}`, { method: 'POST', body: JSON.stringify(body) });
    });
  },
});
