import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { QUEUE_VARIABLES } from '../../shared/watched-queue.ts';
import { newCall } from '../bench/box-events.ts';
import { gatewayEvent } from '../bench/gateway-event.ts';
import { type Packaged, packageForProduction } from '../infra/packaged.ts';
import { insertEnterprise, TOKEN, useDatabase } from '../support/database.ts';
import { invoke, prepareClient } from './lambda-runtime.ts';

const why = await prepareClient();
if (why !== undefined) {
  process.stderr.write(`\nSKIPPED: no real Lambda runtime client here, because ${why}\n\n`);
}

const QUEUES = QUEUE_VARIABLES.filter((variable) => variable !== 'SQS_ENDPOINT');

describe.skipIf(why !== undefined)('the packaged handlers, by the real runtime client', () => {
  const database = useDatabase();
  const folder = mkdtempSync(path.join(tmpdir(), 'trunkline-lambda-'));
  const endpoint = `http://127.0.0.1:${inject('sqsPort')}`;
  const keys = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  const sqs = new SQSClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  let packaged: Packaged | undefined;
  const environment: Record<string, string> = {
    ...keys,
    AWS_REGION: 'eu-central-1',
    DATABASE_URL: database.url,
    SQS_ENDPOINT: endpoint,
    POWERTOOLS_METRICS_NAMESPACE: 'trunkline-prod',
    NODE_OPTIONS: '--enable-source-maps',
  };

  /** The archive of a function as Lambda lays it out on its disk. */
  function unpack(name: string): string {
    const root = path.join(folder, name);
    for (const [file, bytes] of packaged?.archive(name) ?? []) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      writeFileSync(path.join(root, file), bytes);
    }
    return root;
  }

  beforeAll(async () => {
    packaged = await packageForProduction();
    await insertEnterprise(database.db);
    for (const variable of QUEUES) {
      const name = variable.replace('_QUEUE_URL', '').toLowerCase();
      const { QueueUrl = '' } = await sqs.send(
        new CreateQueueCommand({
          QueueName: `ric-${name}-${randomUUID().slice(0, 8)}.fifo`,
          Attributes: { FifoQueue: 'true' },
        }),
      );
      environment[variable] = QueueUrl;
    }
  }, 240_000);
  afterAll(() => {
    packaged?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  test('call-events takes an event, call-tracker makes a call of it, outbox-sweep has its run', async () => {
    const { db } = database;
    const [start] = newCall('in-group-answered', TOKEN);
    if (!start) throw new Error('the fixture is empty');
    const taken = await invoke(
      unpack('call-events'),
      'call-events',
      gatewayEvent(start),
      environment,
    );
    expect(taken.answer).toMatchObject({ statusCode: 200 });
    const events = await db`select id from call_events`;
    expect(events).toHaveLength(1);

    const QueueUrl = environment['CALLS_QUEUE_URL'];
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2 }),
    );
    expect(Messages.map(({ Body = '' }) => JSON.parse(Body))).toEqual([
      { eventId: events[0]?.['id'] },
    ]);

    const sample = JSON.parse(readFileSync('events/sqs.calls.json', 'utf8')) as {
      Records: { body: string }[];
    };
    const [record] = sample.Records;
    const worked = await invoke(
      unpack('call-tracker'),
      'call-tracker',
      { Records: [{ ...record, body: Messages[0]?.Body }] },
      environment,
    );
    expect(worked.answer).toEqual({ batchItemFailures: [] });
    expect(await db`select status from calls`).toHaveLength(1);

    const schedule: unknown = JSON.parse(readFileSync('events/schedule.outbox-sweep.json', 'utf8'));
    const swept = await invoke(unpack('outbox-sweep'), 'outbox-sweep', schedule, environment);
    const runs = await db`select name, result from job_runs where finished_at is not null`;
    expect([...runs]).toEqual([{ name: 'outbox-sweep', result: 'done' }]);

    const init = [taken.initMs, worked.initMs, swept.initMs].join(', ');
    process.stderr.write(`Init of call-events, call-tracker, outbox-sweep: ${init} ms\n`);
  }, 120_000);

  test('what a handler lacks is said by the runtime client, with the name of the variable', async () => {
    const { DATABASE_URL: _left, ...less } = environment;
    await expect(invoke(unpack('call-events'), 'call-events', {}, less)).rejects.toThrow(
      /init\/error.*DATABASE_URL/s,
    );
  }, 60_000);
});
