import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';

/** One FIFO message: `group` keeps order, `dedup` makes the queue swallow a repeat for 5 minutes. */
export type QueueMessage = { body: object; group: string; dedup: string };

export type Queue = {
  /** Rejects when the queue did not take the message within the time limit. */
  send(message: QueueMessage): Promise<void>;
  /** Any number of messages, ten per request. Returns the ones the queue did not take. */
  sendAll(messages: QueueMessage[]): Promise<QueueMessage[]>;
  /** The message comes back after this many seconds (at most 12 hours after it was received). */
  delay(receiptHandle: string, seconds: number): Promise<void>;
  /** About how many messages lie in this queue's dead-letter queue; undefined when it has none. */
  deadLetters(): Promise<number | undefined>;
};

const BATCH = 10;
const RedrivePolicy = z.object({ deadLetterTargetArn: z.string().optional() });

/**
 * A queue by its URL. The time limit is short on purpose: whatever cannot be sent is found by the sweeper.
 * @param timeoutMs for one request, connecting included
 */
export function createQueue(
  url: string,
  {
    endpoint,
    timeoutMs = 2_000,
    maxAttempts = 2,
  }: { endpoint?: string | undefined; timeoutMs?: number; maxAttempts?: number } = {},
): Queue {
  const client = clientFor(endpoint ?? originOf(url), timeoutMs, maxAttempts);

  async function sendBatch(messages: QueueMessage[]): Promise<QueueMessage[]> {
    const Entries = messages.map((message, index) => ({ Id: String(index), ...toWire(message) }));
    try {
      const { Failed = [] } = await client.send(
        new SendMessageBatchCommand({ QueueUrl: url, Entries }),
      );
      return Failed.flatMap(({ Id }) => messages[Number(Id)] ?? []);
    } catch {
      return messages;
    }
  }

  /** What a queue says of itself. */
  async function attributeOf(
    queueUrl: string,
    name: 'RedrivePolicy' | 'ApproximateNumberOfMessages',
  ) {
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [name] }),
    );
    return Attributes?.[name];
  }

  let deadLetterUrl: string | undefined;
  async function findDeadLetterQueue(): Promise<string | undefined> {
    const policy = RedrivePolicy.parse(
      JSON.parse((await attributeOf(url, 'RedrivePolicy')) ?? '{}'),
    );
    const name = policy.deadLetterTargetArn?.split(':').at(-1);
    if (!name) return undefined;
    return (await client.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl;
  }

  return {
    async send(message) {
      await client.send(new SendMessageCommand({ QueueUrl: url, ...toWire(message) }));
    },
    async sendAll(messages) {
      const refused: QueueMessage[] = [];
      for (let start = 0; start < messages.length; start += BATCH) {
        const batch = messages.slice(start, start + BATCH);
        const notTaken = await sendBatch(batch);
        refused.push(...notTaken);
        // The queue is away: the rest would only wait for as many time-outs.
        if (notTaken.length === batch.length) {
          refused.push(...messages.slice(start + BATCH));
          break;
        }
      }
      return refused;
    },
    async delay(receiptHandle, seconds) {
      await client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: url,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        }),
      );
    },
    async deadLetters() {
      deadLetterUrl ??= await findDeadLetterQueue();
      if (deadLetterUrl === undefined) return undefined;
      return Number(await attributeOf(deadLetterUrl, 'ApproximateNumberOfMessages'));
    },
  };
}

function toWire({ body, group, dedup }: QueueMessage) {
  return {
    // Not every SQS takes what is beyond the basic plane (emoji); escaped it is the same JSON.
    MessageBody: JSON.stringify(body).replaceAll(/[\uD800-\uDFFF\uFFFE\uFFFF]/g, toEscape),
    MessageGroupId: group,
    MessageDeduplicationId: dedup,
  };
}

const toEscape = (unit: string): string => String.raw`\u${unit.charCodeAt(0).toString(16)}`;

const clients = new Map<string, SQSClient>();

/** One client for everything that is asked of one endpoint in the same way. */
export function clientFor(endpoint: string, timeoutMs: number, maxAttempts: number): SQSClient {
  const key = `${endpoint} ${timeoutMs} ${maxAttempts}`;
  const existing = clients.get(key);
  if (existing) return existing;
  const client = new SQSClient({
    endpoint,
    useQueueUrlAsEndpoint: false,
    maxAttempts,
    requestHandler: {
      connectionTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
    },
  });
  clients.set(key, client);
  return client;
}

export function originOf(url: string): string {
  return new URL(url).origin;
}
