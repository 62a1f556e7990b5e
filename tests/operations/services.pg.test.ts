import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import * as z from 'zod';

import { AppError } from '../../shared/errors.ts';
import { deliveryRoutes } from '../../shared/integrations/deliveries.routes.ts';
import { createJobRunner } from '../../shared/integrations/jobs.ts';
import { createRedrive } from '../../shared/operations/redrive.ts';
import { serviceRoutes } from '../../shared/operations/services.routes.ts';
import { Services } from '../../shared/operations/services.schema.ts';
import { createQueue } from '../../shared/queue.ts';
import { watchQueue, watchQueues } from '../../shared/watched-queue.ts';
import { createAsking } from '../auth/asking.ts';
import { insertLogin, startSession } from '../auth/people.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';

const { db } = useDatabase();
const endpoint = `http://127.0.0.1:${inject('sqsPort')}`;
const client = new SQSClient({
  endpoint,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
let session = '';

/** A queue with its dead-letter queue, as the template makes them. */
async function makeQueues(name: string) {
  const create = async (QueueName: string, more: Record<string, string>) => {
    const Attributes = {
      FifoQueue: 'true',
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
      ...more,
    };
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName, Attributes }));
    return QueueUrl;
  };
  const deadUrl = await create(`${name}-dead-letters.fifo`, {});
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: deadUrl, AttributeNames: ['QueueArn'] }),
  );
  const policy = { deadLetterTargetArn: Attributes?.['QueueArn'], maxReceiveCount: 50 };
  const url = await create(`${name}.fifo`, { RedrivePolicy: JSON.stringify(policy) });
  return { url, deadUrl };
}

async function receiveAll(QueueUrl: string): Promise<Message[]> {
  const found: Message[] = [];
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['MessageGroupId'],
      }),
    );
    if (Messages.length === 0) return found;
    found.push(...Messages);
    // The next of a group comes when the one before is gone.
    const Entries = Messages.map(({ ReceiptHandle }, n) => ({ Id: `${n}`, ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}

const lay = (url: string, count: number) =>
  createQueue(url, { endpoint }).sendAll(
    Array.from({ length: count }, (_, n) => ({ body: { n }, group: `g${n % 3}`, dedup: `d${n}` })),
  );

const invoked: string[] = [];
const askWith = (queues: Parameters<typeof serviceRoutes>[0]['queues'], fails = false) =>
  createAsking(db, [
    ...deliveryRoutes({ db, crm: createFakeQueue() }),
    ...serviceRoutes({
      db,
      queues,
      invoke: async (name) => {
        if (fails) throw new AppError('upstream', 'Не удалось запустить');
        invoked.push(name);
      },
    }),
  ]);

beforeAll(async () => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  await insertEnterprise(db);
  session = await startSession(db, await insertLogin(db, 'root'));
});
afterAll(() => void vi.unstubAllEnvs());
beforeEach(async () => {
  await db`truncate audit_log, jobs, job_runs, calls, call_events cascade`;
});

describe('a queue', () => {
  test('says how deep it is and how many dead letters it has', async () => {
    const { url, deadUrl } = await makeQueues('figures');
    await lay(url, 3);
    await lay(deadUrl, 2);
    const watched = watchQueue(url, endpoint);
    expect(await watched.figures()).toEqual({ depth: 3, inFlight: 0, deadLetters: 2 });
    await client.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 1 }));
    expect(await watched.figures()).toMatchObject({ depth: 2, inFlight: 1 });
  });

  test('takes its dead letters back, all of them once, each group in its order', async () => {
    const { url, deadUrl } = await makeQueues('redriven');
    await lay(deadUrl, 25);
    const watched = watchQueue(url, endpoint);
    expect(await watched.redrive(12)).toBe(12);
    expect(await watched.figures()).toMatchObject({ depth: 12, deadLetters: 13 });
    expect(await watched.redrive(100)).toBe(13);
    expect(await watched.redrive(100)).toBe(0);
    const back = (await receiveAll(url)).map(({ Body, Attributes }) => ({
      n: z.object({ n: z.number() }).parse(JSON.parse(Body ?? '')).n,
      group: Attributes?.MessageGroupId,
    }));
    expect(back.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 25 }, (_, n) => n),
    );
    for (const [group, messages] of Map.groupBy(back, (message) => message.group)) {
      const order = messages.map(({ n }) => n);
      expect(order, group).toEqual(order.toSorted((a, b) => a - b));
    }
    expect(await receiveAll(deadUrl)).toEqual([]);
  });

  test('is known by the name of its variable', () => {
    const url = `${endpoint}/000000000000/x.fifo`;
    const env = { SQS_ENDPOINT: endpoint, TELEGRAM_UPDATES_QUEUE_URL: url, PUBLIC_URL: url };
    expect(Object.keys(watchQueues(env))).toEqual(['telegram-updates']);
  });
});

describe('a redrive', () => {
  test('of many is a job: some at once, the rest by the sweeper', async () => {
    const { url, deadUrl } = await makeQueues('many');
    await lay(deadUrl, 230);
    const queues = { crm: watchQueue(url, endpoint) };
    const ask = askWith(queues);
    const answer = await ask({ method: 'POST', path: '/admin/services/crm/redrive', session });
    expect(answer.status).toBe(202);
    const { job_id } = z.object({ job_id: z.string() }).parse(answer.json);
    const job = async () => (await ask({ path: `/api/jobs/${job_id}`, session })).json;
    expect(await job()).toMatchObject({
      kind: 'redrive',
      state: 'running',
      progress: { done: 100, total: 230 },
    });
    await createJobRunner({ db, kinds: createRedrive({ db, queues }).kind })();
    expect(await job()).toMatchObject({
      state: 'done',
      progress: { done: 230, total: 230 },
      result: { queue: 'crm', moved: 230 },
    });
    expect(await queues.crm.figures()).toMatchObject({ depth: 230, deadLetters: 0 });
    expect(await db`select actor, action, subject from audit_log`).toEqual([
      { actor: 'root', action: 'queue.redrive', subject: 'crm' },
    ]);
  });

  test.each(['nothing', 'constructor'])('of "%s" is none', async (name) => {
    const path = `/admin/services/${name}/redrive`;
    expect((await askWith({})({ method: 'POST', path, session })).status).toBe(404);
  });
});

describe('running a schedule now', () => {
  const run = (name: string, fails = false) =>
    askWith({}, fails)({ method: 'POST', path: `/admin/services/${name}/run`, session });

  test('starts its function and says who did', async () => {
    expect((await run('maintenance')).json).toEqual({ success: true, job: 'maintenance' });
    expect(invoked).toEqual(['maintenance']);
    expect(await db`select action, subject from audit_log`).toEqual([
      { action: 'schedule.run', subject: 'maintenance' },
    ]);
  });

  test.each(['call-tracker', 'admin-auth', 'nothing'])('starts nothing else: %s', async (name) => {
    expect((await run(name)).status).toBe(404);
    expect(invoked).toEqual(['maintenance']);
  });

  test('that cannot be started says so and leaves no entry', async () => {
    expect((await run('maintenance', true)).status).toBe(502);
    expect(await db`select 1 from audit_log`).toEqual([]);
  });
});

describe('the page', () => {
  const get = async (queues: Parameters<typeof askWith>[0]) =>
    Services.parse((await askWith(queues)({ path: '/admin/services', session })).json);

  test('shows what waits, for how long, and what is away', async () => {
    const { url, deadUrl } = await makeQueues('page');
    await lay(deadUrl, 1);
    await db`
      insert into call_events (id, enterprise_number, event_type, payload, raw, received_at)
      values (gen_random_uuid(), ${NUMBER}, 'start', '{}', '', now() - interval '90 seconds')`;
    const { queues } = await get({
      calls: watchQueue(url, endpoint),
      crm: watchQueue(`${endpoint}/000000000000/no-such-queue.fifo`, endpoint),
    });
    const named = (name: string) => queues.find((queue) => queue.name === name);
    expect(named('calls')).toMatchObject({
      function: 'call-tracker',
      depth: 0,
      dead_letters: 1,
      problem: null,
    });
    expect(named('calls')?.oldest_seconds).toBeGreaterThanOrEqual(90);
    expect(named('calls')?.oldest_seconds).toBeLessThan(120);
    expect(named('crm')).toMatchObject({ depth: null, problem: 'Очередь не отвечает' });
    expect(named('live')).toMatchObject({ depth: null, problem: 'Адрес очереди не задан' });
  });

  test('shows the last run of each schedule and its last failure', async () => {
    await db`
      insert into job_runs (name, started_at, finished_at, result, counts)
      values
        ('maintenance', now() - interval '2 hours', now(), 'failed: no disk', '{}'),
        ('maintenance', now() - interval '1 hour', now(), 'done', '{"jobRuns": 3}'),
        ('outbox-sweep', now(), null, null, null)`;
    const { schedules } = await get({});
    const named = (name: string) => schedules.find((schedule) => schedule.name === name);
    expect(named('maintenance')).toMatchObject({
      rate: 'cron(10 3 * * ? *)',
      last_run: { ok: true, counts: { jobRuns: 3 } },
      last_failure: { ok: false, result: 'failed: no disk' },
    });
    expect(named('outbox-sweep')).toMatchObject({
      last_run: { ok: null, finished_at: null },
      last_failure: null,
    });
  });

  test.each([
    [() => Promise.resolve(), { state: 'connected', problem: null }],
    [
      () => Promise.reject(new Error('the store answers 403')),
      { state: 'unreachable', problem: 'Хранилище не отвечает' },
    ],
  ] as const)('says whether the storage answers', async (storage, state) => {
    const routes = serviceRoutes({ db, queues: {}, storage, invoke: async () => {} });
    const { json } = await createAsking(db, routes)({ path: '/admin/services', session });
    expect(Services.parse(json).storage).toEqual(state);
  });

  test('shows the functions, the boxes and the database', async () => {
    await db`
      insert into calls (id, enterprise_number, main_unique_id, direction, status, started_at, last_event_at)
      values (gen_random_uuid(), ${NUMBER}, '1', 'in', 'missed', now(), '2026-01-31T09:00:00Z')`;
    await db`
      insert into asterisk_hosts (enterprise_number, checked_at, last_seen_at, problem, version, latency_ms, clock_offset_ms)
      values (${NUMBER}, '2026-01-31T10:05:00Z', '2026-01-31T10:00:00Z', 'SSH command failed: Connection timeout',
        '22.10.1', 12.5, -40)`;
    const { functions, boxes, database, storage } = await get({});
    expect(storage).toBeNull();
    expect(functions).toContainEqual({
      name: 'call-tracker',
      description: expect.any(String),
      triggers: ['queue calls'],
    });
    expect(boxes).toEqual([
      {
        enterprise_number: NUMBER,
        name: `name ${NUMBER}`,
        last_event_at: '2026-01-31T09:00:00.000Z',
        checked_at: '2026-01-31T10:05:00.000Z',
        last_seen_at: '2026-01-31T10:00:00.000Z',
        problem: 'SSH command failed: Connection timeout',
        asterisk: '22.10.1',
        channels: null,
        latency_ms: 12.5,
        clock_difference_ms: -40,
        host_key_changed: false,
      },
    ]);
    expect(database.version).toMatch(/^18/);
    expect(database.connections.used).toBeGreaterThan(0);
    expect(database.size_bytes).toBeGreaterThan(1_000_000);
  });
});
