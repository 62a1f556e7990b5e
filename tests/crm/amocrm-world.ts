import { expect, test as base } from 'vitest';

import { createAmocrm } from '../../shared/crm/amocrm/crm.ts';
import type { Context } from '../../shared/crm/amocrm/tokens.ts';
import type { CallStep } from '../../shared/crm/crm.schema.ts';
import type { DeliveryStep } from '../../shared/crm/crm.ts';
import { VendorFailure } from '../../shared/crm/failure.ts';
import { type OutboundAnswer, sendOutbound } from '../../shared/outbound.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { CALL } from '../support/crm-call.ts';
import { createTestTools } from '../support/crm-tools.ts';

/** The adapter without its pauses. */
export const amocrm = createAmocrm({ pauseMs: 0 });

export const CONFIG = {
  subdomain: 'demo',
  client_id: 'demo-amocrm-client-0367',
  client_secret: 'demo-amocrm-secret-0367',
  access_token: 'demo-amocrm-access-0367',
  refresh_token: 'demo-amocrm-refresh-0367',
  redirect_uri: 'https://hub.example/amocrm',
};
export const USERS = new Map([
  ['150', '8320150'],
  ['151', '8320151'],
  ['152', '8320152'],
]);

/** Nobody in the demo account has it. */
export const UNKNOWN = '375291119999';

export const DELIVERED = { outcome: 'delivered' };

export function stepOf(
  step: CallStep,
  extensions: string[] = [],
  maybeApplied = false,
): DeliveryStep {
  return { step, extensions, maybeApplied };
}

/** A context whose requests are kept and answered with `answers` in turn; the last one stays. */
export function listening(
  answers: (Partial<OutboundAnswer> | Error)[] = [],
  change: Partial<Context> = {},
) {
  const sent: {
    method: string;
    url: string;
    body: unknown;
    headers: Record<string, string> | undefined;
  }[] = [];
  const context: Context = {
    ...createTestTools(),
    config: CONFIG,
    users: USERS,
    async send({ method, url, headers, body }) {
      const answer = answers[Math.min(sent.length, answers.length - 1)] ?? {};
      sent.push({ method, url, headers, body: body === undefined ? undefined : JSON.parse(body) });
      if (answer instanceof Error) throw answer;
      return { status: 200, headers: {}, text: '{"_embedded":{"calls":[{}]}}', ...answer };
    },
    ...change,
  };
  return { context, sent };
}

export async function failureOf(run: Promise<unknown>): Promise<VendorFailure> {
  const error: unknown = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(VendorFailure);
  return error as VendorFailure;
}

/** The strict simulator with a clock of the test's own: what amoCRM would refuse is refused. */
export const strict = base.extend<{
  clock: { now: number };
  peers: Peers;
  demo: Context;
  control: (path: string, body?: object) => Promise<void>;
}>({
  clock: async ({}, use) => use({ now: CALL.startedAt.getTime() + 120_000 }),
  peers: async ({ clock }, use) => {
    const peers = await startPeers({
      port: 0,
      // Every look at the clock is a while later, so that the limit of a second is never met by chance.
      now: () => (clock.now += 150),
    });
    await use(peers);
    await peers.close();
  },
  demo: async ({ peers }, use) => {
    let stored: Record<string, unknown> = {
      ...CONFIG,
      subdomain: `${peers.url}/amocrm/demo`,
    };
    await use({
      ...createTestTools(),
      config: { ...CONFIG, subdomain: `${peers.url}/amocrm/demo` },
      users: USERS,
      send: (request) => sendOutbound(request, { allowPrivate: true, totalMs: 150 }),
      async renewSettings(renew) {
        stored = { ...stored, ...(await renew(stored)) };
        return stored;
      },
    });
  },
  control: async ({ peers }, use) => {
    await use(async (path, body = {}) => {
      const init = { method: 'POST', body: JSON.stringify(body) };
      const response = await fetch(`${peers.url}/control/${path}`, init);
      expect(response.status, await response.text()).toBe(200);
    });
  },
});
