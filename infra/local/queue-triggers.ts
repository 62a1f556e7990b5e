// Plugin of serverless-offline: makes the queues of the template in the emulator and feeds the functions from them, the
// way Lambda does. (serverless-offline-sqs deletes failed messages and waits seconds to fill a batch.)
import { setTimeout as sleep } from 'node:timers/promises';

import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';

import { poll, type Trigger } from './queue-poller.ts';
import { queueArn, queuesOf, queueUrl } from './template-queues.ts';

const FINISH_MS = 5_000;

const SqsEvent = z.object({
  arn: z.unknown(),
  batchSize: z.number().default(10),
  enabled: z.boolean().default(true),
  functionResponseType: z.string().optional(),
  maximumConcurrency: z.number().default(2),
});

const Service = z.object({
  provider: z.object({ region: z.string() }),
  resources: z.object({ Resources: z.unknown() }),
  functions: z.record(
    z.string(),
    z.object({
      name: z.string(),
      events: z.array(z.looseObject({ sqs: SqsEvent.optional() })).default([]),
    }),
  ),
});

type WithEnvironment = { environment?: Record<string, unknown> };
type Serverless = {
  service: { provider: WithEnvironment; functions: Record<string, WithEnvironment> };
};
type Options = { lambdaPort?: string | number };
type Tools = { log: { error(text: string): void } };

export default class QueueTriggers {
  readonly hooks: Record<string, () => void | Promise<void>>;

  constructor(serverless: Serverless, options: Options, { log }: Tools) {
    const stopping = new AbortController();
    const running: Promise<void>[] = [];

    this.hooks = {
      'before:offline:start:init': async () => {
        dropUnset(serverless);
        const { client, endpoint, queues } = open(serverless);
        await queues.create(client, endpoint);
      },
      'after:offline:start:init': () => {
        const { client, triggers } = open(serverless, options);
        for (const { trigger, concurrency } of triggers) {
          const context = {
            client,
            stopping: stopping.signal,
            warn: (text: string) => log.error(text),
          };
          for (let lane = 0; lane < concurrency; lane += 1) running.push(poll(trigger, context));
        }
      },
      'offline:start:end': async () => {
        stopping.abort();
        await Promise.race([Promise.all(running), sleep(FINISH_MS)]);
      },
    };
  }
}

function open(serverless: Serverless, { lambdaPort = 3002 }: Options = {}) {
  const { provider, resources, functions } = Service.parse(serverless.service);
  const { region } = provider;
  const endpoint = process.env['SQS_ENDPOINT'] ?? 'http://127.0.0.1:4566';
  const client = new SQSClient({
    endpoint,
    region,
    useQueueUrlAsEndpoint: false,
    // Every lane holds a connection in its long poll; the default of 50 would leave none for the deletes.
    requestHandler: { httpAgent: { maxSockets: 1_000 } },
  });
  const queues = queuesOf(resources.Resources, region);

  const triggers = Object.values(functions).flatMap(({ name, events }) =>
    events.flatMap(({ sqs }) => {
      if (!sqs?.enabled) return [];
      const queue = queues.nameOf(sqs.arn);
      const trigger: Trigger = {
        functionName: name,
        invokeUrl: `http://127.0.0.1:${lambdaPort}/2015-03-31/functions/${name}/invocations`,
        queueUrl: queueUrl(endpoint, queue),
        queueArn: queueArn(region, queue),
        region,
        batchSize: sqs.batchSize,
        reportsFailures: sqs.functionResponseType === 'ReportBatchItemFailures',
      };
      return [{ trigger, concurrency: sqs.maximumConcurrency }];
    }),
  );
  return { client, endpoint, queues, triggers };
}

/** A variable that this stage does not set is null or empty in the template; the gateway would hand on the word "null". */
function dropUnset({ service }: Serverless): void {
  for (const { environment = {} } of [service.provider, ...Object.values(service.functions)]) {
    for (const [name, value] of Object.entries(environment)) {
      if (value === null || value === undefined || value === '') delete environment[name];
    }
  }
}
