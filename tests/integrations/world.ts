import { v7 as newUuid } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import * as z from 'zod';

import { openSecrets } from '../../shared/crm/config-copies.ts';
import type { Pool } from '../../shared/db.ts';
import { createDispatcher } from '../../shared/deliveries/dispatch.ts';
import type { ConnectionDependencies } from '../../shared/integrations/connection.ts';
import { sendOutbound } from '../../shared/outbound.ts';
import { type Asked, createAsking, integrationRoutes } from '../auth/asking.ts';
import { insertLogin, startSession } from '../auth/people.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { insertEnterprise, NUMBER, secrets } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';
import { testSigner } from '../support/storage.ts';

export const OTHER_NUMBER = '0368';

const Journal = z.object({
  journal: z.array(z.looseObject({ externalId: z.string(), uploads: z.array(z.unknown()) })),
  modules: z.array(z.looseObject({ clientId: z.string() })),
});

/** An enterprise with RetailCRM, its admin, and the CRM itself; everything anew for each test. */
export function useWorld(db: Pool) {
  let peers: Peers;
  let session = '';
  let superSession = '';
  const crm = createFakeQueue();
  const alerts: string[] = [];

  beforeAll(async () => {
    peers = await startPeers({ port: 0 });
    const superadmin = await insertLogin(db, 'superadmin');
    superSession = await startSession(db, superadmin);
  });
  afterAll(() => peers.close());

  beforeEach(async () => {
    crm.messages.length = 0;
    alerts.length = 0;
    await insertEnterprise(db, { crmUrl: crmUrl() });
    await insertEnterprise(db, { number: OTHER_NUMBER, token: '375290000002', crmUrl: crmUrl() });
    session = await startSession(db, await insertLogin(db, 'own', NUMBER));
  });
  afterEach(async () => {
    await db`truncate enterprises, rate_buckets cascade`;
    await control('reset', {});
    await control('retailcrm/demo', { key: 'demo-key-0367' });
  });

  const crmUrl = () => `${peers.url}/retailcrm/demo`;

  async function control(path: string, body?: object): Promise<unknown> {
    const init = body ? { method: 'POST', body: JSON.stringify(body) } : {};
    return (await fetch(`${peers.url}/control/${path}`, init)).json();
  }

  /** Asks as the enterprise's admin. */
  function ask(asked: Asked, changed: Partial<ConnectionDependencies> = {}) {
    return createAsking(db, integrationRoutes(db, { crm, ...changed }))({ session, ...asked });
  }

  const dispatch = createDispatcher({
    signer: testSigner,
    db,
    secrets,
    crm,
    alert: async (_key, text) => void alerts.push(text),
    send: (request) => sendOutbound(request, { allowPrivate: true }),
    publicUrl: 'https://calls.example.com',
  });

  return {
    ask,
    get: (path: string, query: Record<string, string> = {}) =>
      ask({ path: `/enterprise/${NUMBER}/${path}`, query }),
    post: (path: string, body: unknown, changed?: Partial<ConnectionDependencies>) =>
      ask({ method: 'POST', path: `/enterprise/${NUMBER}/${path}`, body }, changed),
    put: (path: string, body: unknown) =>
      ask({ method: 'PUT', path: `/enterprise/${NUMBER}/${path}`, body }),
    asSuperadmin: (asked: Asked) => ask({ session: superSession, ...asked }),
    control,
    crm,
    alerts,
    crmUrl,
    url: () => peers.url,
    /** What RetailCRM has. */
    retailcrm: async () => Journal.parse(await control('retailcrm/demo')),
    /** Delivers what is on the queue, and what that puts there, until nothing is. */
    async work(): Promise<string[]> {
      const delivered: string[] = [];
      for (;;) {
        const message = crm.messages.shift();
        if (!message) return delivered;
        const { deliveryId } = z.object({ deliveryId: z.string() }).parse(message.body);
        delivered.push(deliveryId);
        await dispatch({ deliveryId }).catch(() => {});
      }
    },
    dispatch: (deliveryId: string) => dispatch({ deliveryId }),
    /** The settings as they stand in the database, opened. */
    async stored(number = NUMBER): Promise<Record<string, Record<string, unknown> | undefined>> {
      const [row] = await db`select integrations_config from enterprises where number = ${number}`;
      return openSecrets(row?.['integrationsConfig'], secrets);
    },
    owe: (steps: Owed[], call: OwedCall = {}) => owe(db, steps, call),
  };
}

type Owed = { step: string; state?: string; type?: string; age?: string };
type OwedCall = { number?: string; phone?: string; merged?: boolean };

/** An answered call that owes these steps, or has paid them. Returns its id and theirs. */
async function owe(db: Pool, steps: Owed[], { number = NUMBER, phone, merged }: OwedCall) {
  const callId = newUuid();
  const uniqueId = `u-${callId}`;
  await db`
    insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, line, rang, last_talked_by,
      started_at, ended_at, wait_seconds, talk_seconds, last_event_at, telegram_version, merged_into)
    values (${callId}, ${number}, ${uniqueId}, 'in', 'answered', ${phone ?? '375291110001'}, '0001363', '{150,151}',
      '151', now() - interval '40 seconds', now(), 10, 30, now(), 1, ${merged ? callId : null})`;
  const ids: string[] = [];
  for (const { step, state = 'pending', type = 'retailcrm', age = '0' } of steps) {
    const [row] = await db`
      insert into deliveries (enterprise_number, integration_type, call_id, step, extensions, state, attempts,
        created_at)
      values (${number}, ${type}, ${callId}, ${step}, '{150,151}', ${state}, ${state === 'pending' ? 0 : 3},
        now() - ${age}::interval)
      returning id`;
    ids.push(String(row?.['id']));
  }
  return { callId, uniqueId, ids };
}
