import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

import type { Context, SQSEvent } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';

import { EVENT_KINDS, parseEventBody } from '../shared/calls/call-event.ts';
import { CallsMessage, toCallsMessage } from '../shared/calls/messages.ts';
import { ChatAiMessage, toAiQuestion } from '../shared/chat/queue-messages.ts';
import type { Contract } from '../shared/contract.ts';
import { contracts } from '../shared/contracts.ts';
import { CrmMessage, toCrmMessage } from '../shared/deliveries/messages.ts';
import { type HttpEvent, toRequest } from '../shared/lambda/http-event.ts';
import { queue } from '../shared/lambda/queue.ts';
import { socket } from '../shared/lambda/socket.ts';
import { AuthFrame, ConnectQuery } from '../shared/live/live.schema.ts';
import { LiveMessage, toLiveMessage } from '../shared/live/messages.ts';
import { toUpdateMessage, UpdateMessage } from '../shared/managers/messages.ts';
import { RecordingsMessage, toSyncMessage } from '../shared/recordings/messages.ts';
import { RedirectMessage, toRedirectMessage } from '../shared/smart-redirect/messages.ts';
import { TelegramMessage, toCallRefresh } from '../shared/telegram/messages.ts';

const FOLDER = new URL('../events/', import.meta.url);
/** `http.call-events.v2.json` and its like: a trigger's kind, whose it is, and which of several. */
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
const filesOf = (kind: string, owner = '') =>
  FILES.filter((file) => file.startsWith(`${kind}.${owner}`));

function read<Schema extends z.ZodType>(file: string, schema: Schema): z.output<Schema> {
  return schema.parse(JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')));
}

const Template = z.object({
  functions: z.record(
    z.string(),
    z.object({
      url: z.boolean().optional(),
      events: z.array(
        z.object({
          httpApi: z.string().optional(),
          sqs: z.object({ arn: z.string(), batchSize: z.number() }).optional(),
          schedule: z.unknown().optional(),
          websocket: z.string().optional(),
        }),
      ),
    }),
  ),
});
const template = readFileSync(new URL('../serverless.yml', import.meta.url), 'utf8');
const { functions } = Template.parse(parse(template, { merge: true, logLevel: 'silent' }));
const triggers = Object.entries(functions).flatMap(([name, { events }]) =>
  events.map((event) => ({ name, ...event })),
);

/** `ChatAiQueue.Arn` is the queue "chat-ai". */
const queueOf = (arn: string) =>
  arn
    .replace(/Queue\.Arn$/, '')
    .replaceAll(/\B[A-Z]/g, '-$&')
    .toLowerCase();

describe('every trigger has a sample', () => {
  const wanted = triggers.map(({ name, httpApi, sqs, websocket }) => {
    if (httpApi) return `http.${name}.`;
    if (websocket) return `websocket.${name}.${websocket.slice(1)}.`;
    return sqs ? `sqs.${queueOf(sqs.arn)}.` : `schedule.${name}.`;
  });

  test.each([...new Set(wanted)])('%s…json', (beginning) => {
    expect(FILES.filter((file) => file.startsWith(beginning))).not.toEqual([]);
  });

  test('and every sample has a trigger', () => {
    const known = FILES.filter((file) => wanted.some((beginning) => file.startsWith(beginning)));
    expect(known).toEqual(FILES);
  });
});

const Payload2 = z.looseObject({
  version: z.literal('2.0'),
  routeKey: z.string(),
  rawPath: z.string().startsWith('/'),
  rawQueryString: z.string(),
  headers: z.record(z.string().regex(/^[a-z0-9-]+$/), z.string()),
  requestContext: z.looseObject({
    http: z.looseObject({ method: z.string(), path: z.string(), sourceIp: z.ipv4() }),
    requestId: z.string(),
    routeKey: z.string(),
    stage: z.literal('$default'),
  }),
  isBase64Encoded: z.boolean(),
});
const Payload1 = z.looseObject({
  version: z.literal('1.0'),
  httpMethod: z.string(),
  path: z.string().startsWith('/'),
  headers: z.record(z.string(), z.string()),
  multiValueHeaders: z.record(z.string(), z.array(z.string())),
  queryStringParameters: z.record(z.string(), z.string()).nullable(),
  requestContext: z.looseObject({
    requestId: z.string(),
    identity: z.looseObject({ sourceIp: z.ipv4() }),
  }),
  isBase64Encoded: z.boolean(),
});
const HttpSample = z.discriminatedUnion('version', [Payload2, Payload1]);
const requestOf = (file: string) => toRequest(read(file, HttpSample) as unknown as HttpEvent);

describe('samples of HTTP requests', () => {
  /** The routes that a sample fits, each with what stands in its place of every parameter. */
  function fitting(file: string, routes: { method: string; path: string }[]) {
    const { method, path } = requestOf(file);
    return routes.flatMap((route) => {
      const pattern = new RegExp(`^${route.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
      const found = route.method === method ? pattern.exec(path) : null;
      return found ? [{ ...route, given: { ...found.groups } }] : [];
    });
  }

  test.each(filesOf('http'))('%s goes to a route of its function', (file) => {
    const [, name] = file.split('.');
    const routes = triggers
      .filter((trigger) => trigger.name === name)
      .flatMap(({ httpApi = ' ' }) => {
        const [method = '', path = ''] = httpApi.split(' ');
        return [{ method, path }];
      });
    const names = fitting(file, routes).map(({ method, path }) => `${method} ${path}`);
    expect(names).toHaveLength(1);
    const event = read(
      file,
      z.looseObject({ routeKey: z.string().optional(), resource: z.string().optional() }),
    );
    expect([names[0], '$default', requestOf(file).path]).toContain(
      event.routeKey ?? event.resource,
    );
  });

  test.each(filesOf('http'))('%s holds what its contract asks for', (file) => {
    const { rawBody, query, headers } = requestOf(file);
    const body: unknown = rawBody.length > 0 ? JSON.parse(rawBody.toString()) : undefined;
    const [contract] = fitting(file, contracts) as (Contract & { given: object })[];
    const parts = [
      contract?.params?.safeParse(contract.given),
      contract?.query?.safeParse(query),
      contract?.body?.safeParse(body),
    ];
    expect(contract).toBeDefined();
    expect(parts.flatMap((part) => part?.error?.issues ?? [])).toEqual([]);
    expect(headers['content-length'] ?? '0').toBe(String(rawBody.length));
  });

  test.each(filesOf('http', 'call-events.'))('%s holds an event that is taken', (file) => {
    const { path, rawBody, headers } = requestOf(file);
    const kind = EVENT_KINDS.find((known) => path.endsWith(`/${known}`));
    const body: unknown = JSON.parse(rawBody.toString());
    expect(kind && parseEventBody(kind, body)).toMatchObject({
      success: true,
      data: { uniqueId: '1757840723.6', phone: '375291110001', line: '0001363' },
    });
    expect(headers['token'] ?? (body as { Token?: string }).Token).toContain('375290000001');
  });

  test('call-events comes in payload 2.0, in payload 1.0, and through its function URL', () => {
    expect(functions['call-events']?.url).toBe(true);
    const shapes = filesOf('http', 'call-events.').map((file) => {
      const { version, requestContext } = read(file, HttpSample);
      return requestContext['routeKey'] === '$default' ? 'function URL' : version;
    });
    expect(shapes.toSorted()).toEqual(['1.0', '2.0', 'function URL']);
  });
});

const SqsSample = z.object({
  Records: z
    .array(
      z.object({
        messageId: z.uuid(),
        receiptHandle: z.string().min(1),
        body: z.string(),
        attributes: z.object({
          ApproximateReceiveCount: z.string().regex(/^\d+$/),
          SentTimestamp: z.string().regex(/^\d{13}$/),
          SequenceNumber: z.string().regex(/^\d{20}$/),
          MessageGroupId: z.string(),
          SenderId: z.string(),
          MessageDeduplicationId: z.string(),
          ApproximateFirstReceiveTimestamp: z.string().regex(/^\d{13}$/),
        }),
        messageAttributes: z.object({}),
        md5OfBody: z.string(),
        eventSource: z.literal('aws:sqs'),
        eventSourceARN: z.string(),
        awsRegion: z.string(),
      }),
    )
    .min(1),
});

/** What the consumer of a queue reads, and what its producer would have sent. */
const QUEUES: Record<
  string,
  { schema: z.ZodType; sent: (body: unknown, group: string, dedup: string) => object }
> = {
  calls: {
    schema: CallsMessage,
    sent: (body, group) => toCallsMessage({ ...CallsMessage.parse(body), enterpriseNumber: group }),
  },
  crm: {
    schema: CrmMessage,
    sent(body, group, dedup) {
      const [enterpriseNumber = '', integrationType = '', owedBy = ''] = group.split(':');
      const [id = '', attempts] = dedup.split(':');
      expect(CrmMessage.parse(body).deliveryId).toBe(id);
      return toCrmMessage({
        id,
        enterpriseNumber,
        integrationType,
        owedBy,
        attempts: Number(attempts),
        sends: 1,
      });
    },
  },
  telegram: {
    schema: TelegramMessage,
    sent(body, group, dedup) {
      const message = TelegramMessage.parse(body);
      if (message.kind !== 'call') throw new Error('the sample is of a call');
      return toCallRefresh({
        callId: message.callId,
        version: Number(dedup.split(':')[1]),
        chatId: group,
      });
    },
  },
  'telegram-updates': {
    schema: UpdateMessage,
    sent: (body, group) => toUpdateMessage(UpdateMessage.parse(body).updateId, group),
  },
  redirect: {
    schema: RedirectMessage,
    sent: (body) => toRedirectMessage(RedirectMessage.parse(body)),
  },
  live: {
    schema: LiveMessage,
    sent(body, group, dedup) {
      const [, version] = dedup.split(':');
      const message = LiveMessage.parse(body);
      if (!('callId' in message)) throw new Error('not a call');
      const { callId } = message;
      return toLiveMessage({ callId, version: Number(version), enterpriseNumber: group });
    },
  },
  'chat-ai': {
    schema: ChatAiMessage,
    sent: (body, group) => toAiQuestion(group, ChatAiMessage.parse(body).messageId),
  },
  recordings: {
    schema: RecordingsMessage,
    sent(body, _group, dedup) {
      const [, run = ''] = dedup.split(':');
      return toSyncMessage(RecordingsMessage.parse(body).enterpriseNumber, run);
    },
  },
};

describe('samples of queue messages', () => {
  const samples = filesOf('sqs').map((file) => ({ file, name: file.split('.')[1] ?? '' }));

  test.each(samples)(
    '$file is read by the consumer, message by message',
    async ({ file, name }) => {
      const sample = read(file, SqsSample);
      const handled: unknown[] = [];
      const { schema = z.never() } = QUEUES[name] ?? {};
      const consume = queue({
        queue: { delay: async () => {} },
        schema,
        handle: async (message) => void handled.push(message),
      });
      const answer = await consume(
        sample as unknown as SQSEvent,
        { functionName: 'tested' } as Context,
      );
      expect(answer).toEqual({ batchItemFailures: [] });
      expect(handled).toHaveLength(sample.Records.length);
    },
  );

  test.each(samples)(
    '$file is what the producer sends, in the group it sends it to',
    ({ file, name }) => {
      for (const { body, attributes } of read(file, SqsSample).Records) {
        const { MessageGroupId: group, MessageDeduplicationId: dedup } = attributes;
        const sent = QUEUES[name]?.sent(JSON.parse(body), group, dedup);
        expect(sent).toEqual({ body: JSON.parse(body), group, dedup });
      }
    },
  );

  test.each(samples)('$file is a batch that the queue can deliver', ({ file, name }) => {
    const { Records } = read(file, SqsSample);
    const trigger = triggers.find(({ sqs }) => sqs && queueOf(sqs.arn) === name)?.sqs;
    expect(Records.length).toBeLessThanOrEqual(trigger?.batchSize ?? 0);
    expect(new Set(Records.map(({ messageId }) => messageId)).size).toBe(Records.length);
    const numbers = Records.map(({ attributes }) => attributes.SequenceNumber);
    expect(numbers.toSorted()).toEqual(numbers);
    for (const { body, md5OfBody, eventSourceARN, awsRegion } of Records) {
      expect(md5OfBody).toBe(createHash('md5').update(body).digest('hex'));
      expect(eventSourceARN).toMatch(
        new RegExp(`^arn:aws:sqs:${awsRegion}:\\d{12}:trunkline-\\w+-${name}\\.fifo$`),
      );
    }
  });
});

const ScheduleSample = z.object({
  version: z.literal('0'),
  id: z.uuid(),
  'detail-type': z.literal('Scheduled Event'),
  source: z.enum(['aws.events', 'aws.scheduler']),
  account: z.string().regex(/^\d{12}$/),
  time: z.iso.datetime(),
  region: z.string(),
  resources: z.array(z.string().startsWith('arn:aws:')).length(1),
  detail: z.unknown(),
});

describe('samples of schedules', () => {
  test.each(filesOf('schedule'))(
    '%s comes from the service that its function is scheduled by',
    (file) => {
      const { source, resources, detail } = read(file, ScheduleSample);
      const trigger = triggers.find(({ name }) => file.startsWith(`schedule.${name}.`));
      const { method } = z
        .object({ method: z.string().optional() })
        .catch({})
        .parse(trigger?.schedule);
      expect(source).toBe(method === 'scheduler' ? 'aws.scheduler' : 'aws.events');
      expect(resources[0]).toContain(method === 'scheduler' ? ':schedule/' : ':rule/');
      expect(detail).toEqual(method === 'scheduler' ? '{}' : {});
    },
  );
});

describe('samples of socket events', () => {
  test.each(filesOf('websocket'))('%s is read by the wrapper', async (file) => {
    const passed: unknown[] = [];
    const take = async (what: unknown) => void passed.push(what);
    const consume = socket({ connect: take, message: take, disconnect: take });
    const sample: unknown = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));
    const answer = await consume(sample, { functionName: 'tested' } as Context);
    expect(answer).toEqual({ statusCode: 200 });
    expect(passed).toMatchObject([{ connectionId: expect.stringMatching(/^[\w-]+=$/) }]);
  });

  test('hold what is understood', () => {
    const Sample = z.looseObject({
      queryStringParameters: z.unknown().optional(),
      body: z.string().optional(),
    });
    const { queryStringParameters } = read('websocket.live-socket.connect.json', Sample);
    const { body = '' } = read('websocket.live-socket.default.json', Sample);
    expect(ConnectQuery.safeParse(queryStringParameters)).toMatchObject({ success: true });
    expect(AuthFrame.safeParse(JSON.parse(body))).toMatchObject({ success: true });
  });
});
