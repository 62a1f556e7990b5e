import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { checkout } from '../../infra/local/folders.ts';
import { migrate } from '../../infra/migrate.ts';
import { retailcrm } from '../../shared/crm/retailcrm/crm.ts';
import type { Pool } from '../../shared/db.ts';
import { QUEUE_VARIABLES } from '../../shared/watched-queue.ts';
import { type BoxEvent, newCall } from '../bench/box-events.ts';
import { build } from '../bench/build.ts';
import { gatewayEvent } from '../bench/gateway-event.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { createTestTools } from '../support/crm-tools.ts';
import { insertEnterprise, TOKEN } from '../support/database.ts';
import { LOCAL_KEYS } from '../support/services.ts';
import { emptyDatabase } from './empty-database.ts';
import { invoke, OWN_CLIENT } from './lambda-runtime.ts';
import { buildFunctions, checkOut, findPrevious } from './previous-release.ts';

const found = await findPrevious();
if (typeof found === 'string') {
  process.stderr.write(`\nSKIPPED: the release before on the new schema, because ${found}\n\n`);
}
const previous = typeof found === 'string' ? [] : found;

const FUNCTIONS = [
  'call-events',
  'call-tracker',
  'crm-dispatch',
  'telegram-notify',
  'outbox-sweep',
];
const QUEUES = QUEUE_VARIABLES.filter((variable) => variable !== 'SQS_ENDPOINT');
const ENCRYPTION_KEY = `v1:${Buffer.alloc(32, 7).toString('base64')}`;

describe.skipIf(typeof found === 'string')('while a release is replaced by this one', () => {
  const endpoint = `http://127.0.0.1:${inject('sqsPort')}`;
  const ours = mkdtempSync(path.join(tmpdir(), 'trunkline-ours-'));
  const environment: Record<string, string> = {
    ...LOCAL_KEYS,
    SQS_ENDPOINT: endpoint,
    ENCRYPTION_KEY,
    PUBLIC_URL: 'https://calls.example.com',
    WEBSOCKET_ENDPOINT: 'http://127.0.0.1:1',
    OUTBOUND_ALLOW_PRIVATE: '1',
    POWERTOOLS_METRICS_NAMESPACE: 'trunkline-test',
    NODE_OPTIONS: '--enable-source-maps',
  };
  let peers: Peers;
  const folders: string[] = [];

  beforeAll(async () => {
    peers = await startPeers({ port: 0 });
    await retailcrm.register?.({
      ...createTestTools({ users: new Map([['150', '16']]) }),
      config: {
        api_url: `${peers.url}/retailcrm/demo`,
        api_key: 'demo-key-0367',
        client_id: 'client-0367',
      },
    });
    environment['TELEGRAM_API_URL'] = `${peers.url}/telegram`;
    const sqs = new SQSClient({
      endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    for (const variable of QUEUES) {
      const { QueueUrl = '' } = await sqs.send(
        new CreateQueueCommand({
          QueueName: `previous-${randomUUID()}.fifo`,
          Attributes: { FifoQueue: 'true' },
        }),
      );
      environment[variable] = QueueUrl;
    }
    for (const name of FUNCTIONS) await build(`functions/${name}/handler.ts`, ours, checkout);
  }, 120_000);
  afterAll(async () => {
    await peers?.close();
    for (const folder of [ours, ...folders]) rmSync(folder, { recursive: true, force: true });
  });

  test.each(previous)(
    'the code of %s takes events, tracks calls and pays deliveries on the new schema',
    async (commit) => {
      const root = await checkOut(commit);
      folders.push(root);
      const theirs = await buildFunctions(root, FUNCTIONS);
      const { db, url, drop } = await emptyDatabase();
      try {
        const work = createWork({ db, environment: { ...environment, DATABASE_URL: url } });

        expect(await migrate(url, path.join(root, 'infra/migrations'))).not.toEqual([]);
        await insertEnterprise(db, { crmUrl: `${peers.url}/retailcrm/demo` });
        await db`insert into extensions (enterprise_number, extension, name) values ('0367', '150', 'Анна')`;
        const before = newCall('in-group-answered.b', TOKEN);
        await work.call(
          before,
          before.map(() => theirs),
        );
        await work.pay(theirs);
        expect(await work.state()).toEqual([
          { status: 'answered', unpaid: 0, failed: 0, shown: true },
        ]);

        const ran = await migrate(url);
        process.stderr.write(`On ${commit}: ${ran.join(', ')}\n`);
        expect(ran).not.toEqual([]);

        // As while CloudFormation replaces functions one by one: a call is worked on by both.
        const during = newCall('in-group-answered.b', TOKEN);
        await work.call(during, [theirs, ours, theirs]);
        await work.pay(theirs);
        await work.sweep(theirs);
        const after = newCall('internal-answered', TOKEN);
        await work.call(
          after,
          after.map((_event, index) => (index < 4 ? theirs : ours)),
        );
        await work.pay(ours);
        await work.sweep(ours);
        expect(await work.state()).toEqual([
          { status: 'answered', unpaid: 0, failed: 0, shown: true },
          { status: 'answered', unpaid: 0, failed: 0, shown: true },
          { status: 'internal_answered', unpaid: 0, failed: 0, shown: true },
        ]);
      } finally {
        await drop();
      }
    },
    240_000,
  );
});

function createWork({ db, environment }: { db: Pool; environment: Record<string, string> }) {
  const run = async (folder: string, name: string, event: unknown): Promise<unknown> =>
    (await invoke(folder, name, event, environment, OWN_CLIENT)).answer;
  const sample = (file: string) =>
    JSON.parse(readFileSync(`events/${file}.json`, 'utf8')) as { Records: { body: string }[] };
  const records = (file: string, bodies: object[]) => {
    const [record] = sample(file).Records;
    return {
      Records: bodies.map((body, index) => ({
        ...record,
        messageId: `${index}`,
        body: JSON.stringify(body),
      })),
    };
  };

  return {
    /** Each event is taken and worked in by the code of the folder that stands at its place. */
    async call(events: BoxEvent[], by: string[]): Promise<void> {
      for (const [index, event] of events.entries()) {
        const folder = by[index] ?? '';
        const taken = await run(folder, 'call-events', gatewayEvent(event));
        expect(taken).toMatchObject({ statusCode: 200 });
        const rows = await db`
          select id from call_events where processed_at is null and failed_at is null order by id`;
        const bodies = rows.map(({ id }) => ({ eventId: String(id) }));
        const worked = await run(folder, 'call-tracker', records('sqs.calls', bodies));
        expect(worked).toEqual({ batchItemFailures: [] });
      }
    },

    /** What the calls owe: to the CRM in order, then to Telegram. */
    async pay(folder: string): Promise<void> {
      for (;;) {
        const [due] = await db`
          select id from deliveries where state in ('pending', 'retrying') order by id limit 1`;
        if (!due) break;
        const body = { deliveryId: String(due['id']) };
        const paid = await run(folder, 'crm-dispatch', records('sqs.crm', [body]));
        expect(paid).toEqual({ batchItemFailures: [] });
      }
      for (const { id } of await db`select id from calls where telegram_version < version`) {
        const body = { kind: 'call', callId: String(id) };
        const told = await run(folder, 'telegram-notify', records('sqs.telegram', [body]));
        expect(told).toEqual({ batchItemFailures: [] });
      }
    },

    async sweep(folder: string): Promise<void> {
      const event: unknown = JSON.parse(readFileSync('events/schedule.outbox-sweep.json', 'utf8'));
      await run(folder, 'outbox-sweep', event);
      const [last] = await db`select result from job_runs order by id desc limit 1`;
      expect(last).toEqual({ result: 'done' });
    },

    async state() {
      const rows = await db`
        select status, telegram_version >= version as shown,
          (select count(*)::int from deliveries where call_id = calls.id
            and state in ('pending', 'sending', 'retrying', 'parked')) as unpaid,
          (select count(*)::int from deliveries where call_id = calls.id and state = 'failed') as failed
        from calls
        where merged_into is null
        order by created_at`;
      return [...rows];
    },
  };
}
