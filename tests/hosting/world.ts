import { afterAll, beforeAll, beforeEach } from 'vitest';
import * as z from 'zod';

import type { Pool } from '../../shared/db.ts';
import { hostingRoutes } from '../../shared/hosting/hosting.routes.ts';
import { createOperatorNews } from '../../shared/hosting/operators.ts';
import { createTimewebSync } from '../../shared/hosting/timeweb-sync.ts';
import type { QueueMessage } from '../../shared/queue.ts';
import { connectTimeweb, type Timeweb } from '../../shared/timeweb/client.ts';
import { type Asked, createAsking } from '../auth/asking.ts';
import { insertLogin, startSession } from '../auth/people.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { TIMEWEB_TOKEN } from '../peers/timeweb.ts';

export const OPERATORS = '700367';

const Row = z.record(z.string(), z.unknown());
const Text = z.object({ chatId: z.string(), text: z.string() });

/** An empty hosting page, the simulated Timeweb anew, and a superadmin; a day that is set. */
export function useHosting(db: Pool) {
  let peers: Peers;
  let session = '';
  let now = new Date('2026-11-21T12:00:00Z');
  let queueTakes = true;
  const told: QueueMessage[] = [];
  const telegram = {
    async sendAll(messages: QueueMessage[]) {
      if (queueTakes) told.push(...messages);
      return queueTakes ? [] : messages;
    },
  };
  const clock = () => now;
  const news = createOperatorNews({ db, telegram, operatorChatId: OPERATORS, clock });
  const timeweb = (): Timeweb | undefined =>
    connectTimeweb({ TIMEWEB_API_URL: `${peers.url}/timeweb`, TIMEWEB_API_TOKEN: TIMEWEB_TOKEN });

  beforeAll(async () => {
    peers = await startPeers({ port: 0 });
    session = await startSession(db, await insertLogin(db, 'superadmin'));
  });
  afterAll(() => peers.close());
  beforeEach(async () => {
    told.length = 0;
    queueTakes = true;
    now = new Date('2026-11-21T12:00:00Z');
    await control('reset', {});
    await db`
      truncate hosting_servers, hosting_projects, hosting_payments, hosting_changes, hosting_months,
        hosting_balance_alerts, sync_runs
      restart identity cascade`;
  });

  async function control(path: string, body?: object): Promise<unknown> {
    const init = body ? { method: 'POST', body: JSON.stringify(body) } : {};
    return (await fetch(`${peers.url}/control/${path}`, init)).json();
  }

  function ask(asked: Asked, own: { timeweb?: Timeweb | undefined } = { timeweb: timeweb() }) {
    const routes = hostingRoutes({
      db,
      tellChanges: news.tellChanges,
      clock,
      timeweb: own.timeweb,
    });
    const path = `/admin/hosting/api/${asked.path}`;
    return createAsking(db, routes)({ session, ...asked, path });
  }

  return {
    ask,
    get: async (path: string, query: Record<string, string> = {}) =>
      Row.parse((await ask({ path, query })).json),
    post: async (path: string, body?: unknown) =>
      Row.parse((await ask({ method: 'POST', path, body })).json),
    patch: async (path: string, body: unknown) =>
      Row.parse((await ask({ method: 'PATCH', path, body })).json),
    /** A server made by hand, as the answer shows it. */
    create: async (body: Record<string, unknown>) =>
      object(Row.parse((await ask({ method: 'POST', path: 'server', body })).json)['server']),
    /** The hourly run. */
    run: () => createTimewebSync({ db, timeweb: timeweb(), news, clock })(),
    runWithoutToken: () => createTimewebSync({ db, timeweb: undefined, news, clock })(),
    /** Changes the account at Timeweb, or breaks its API. */
    upstream: (patch: object) => control('timeweb', patch),
    control,
    calls: async () => {
      const { calls } = z
        .object({ calls: z.record(z.string(), z.number()) })
        .parse(await control('timeweb'));
      return calls;
    },
    /** What the operators were told, oldest first. */
    texts: () => told.map(({ body }) => Text.parse(body).text),
    forget: () => void (told.length = 0),
    refuseMessages: (refuses: boolean) => void (queueTakes = !refuses),
    setNow: (time: string) => void (now = new Date(time)),
    url: () => peers.url,
    server: async (timewebId: number) => {
      const [row] = await db`
        select *, next_payment_date::text as next_payment_date from hosting_servers where timeweb_id = ${timewebId}`;
      return Row.parse(row);
    },
    changes: async () =>
      (
        await db`
        select server.timeweb_id::int as server, field, old_value, new_value
        from hosting_changes
        join hosting_servers as server on server.id = server_id
        order by hosting_changes.id`
      ).map((row) => [row['server'], row['field'], row['oldValue'], row['newValue']]),
    /** Everything that a failed run must leave as it was. */
    everything: async () => [
      await db`select * from hosting_servers order by id`,
      await db`select * from hosting_changes order by id`,
      await db`select * from hosting_months order by server_id`,
    ],
  };
}

export const list = (value: unknown) => Row.array().parse(value);
export const object = (value: unknown) => Row.parse(value);
