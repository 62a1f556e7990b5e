import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';

import { AppError } from './errors.ts';
import { clientFor, originOf } from './queue.ts';

/** A queue as whoever looks after it sees it. */
export type WatchedQueue = {
  figures(): Promise<{ depth: number; inFlight: number; deadLetters: number }>;
  /**
   * Puts up to `limit` dead letters back, each group in its order. Returns how many there were: fewer than `limit`
   * when no more are left. A repeat after a crash is swallowed by the queue, later by whoever looks at the row first.
   */
  redrive(limit: number): Promise<number>;
};

const BATCH = 10;
/** Longer than a batch takes; what a killed instance took comes back after it. */
const TAKEN_SECONDS = 60;
const RedrivePolicy = z.object({ deadLetterTargetArn: z.string() });
const FIGURES = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;

export function watchQueue(url: string, endpoint: string | undefined): WatchedQueue {
  const client = clientFor(endpoint ?? originOf(url), 5_000, 2);

  let deadLetterUrl: Promise<string> | undefined;
  async function findDeadLetters(): Promise<string> {
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['RedrivePolicy'] }),
    );
    const policy = RedrivePolicy.parse(JSON.parse(Attributes?.['RedrivePolicy'] ?? '{}'));
    const QueueName = policy.deadLetterTargetArn.split(':').at(-1);
    const { QueueUrl = '' } = await client.send(new GetQueueUrlCommand({ QueueName }));
    return QueueUrl;
  }
  async function deadLetters(): Promise<string> {
    deadLetterUrl ??= findDeadLetters();
    return deadLetterUrl.catch((error: unknown) => {
      deadLetterUrl = undefined;
      throw error;
    });
  }

  async function figuresOf(QueueUrl: string) {
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...FIGURES] }),
    );
    return FIGURES.map((name) => Number(Attributes[name] ?? 0));
  }

  async function moveBatch(from: string, most: number): Promise<number> {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: from,
        MaxNumberOfMessages: most,
        VisibilityTimeout: TAKEN_SECONDS,
        MessageSystemAttributeNames: ['MessageGroupId'],
        WaitTimeSeconds: 1,
      }),
    );
    if (Messages.length === 0) return 0;
    const { Failed: refused = [] } = await client.send(
      new SendMessageBatchCommand({ QueueUrl: url, Entries: Messages.map(toEntry) }),
    );
    const back = Messages.filter((_message, index) => !refused.some(({ Id }) => Id === `${index}`));
    if (back.length > 0) {
      await client.send(
        new DeleteMessageBatchCommand({
          QueueUrl: from,
          Entries: back.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle })),
        }),
      );
    }
    if (refused.length > 0) throw new AppError('unavailable', 'The queue took not all of them');
    return Messages.length;
  }

  return {
    async figures() {
      const [[depth = 0, inFlight = 0], [dead = 0, taken = 0]] = await Promise.all([
        figuresOf(url),
        deadLetters().then(figuresOf),
      ]);
      return { depth, inFlight, deadLetters: dead + taken };
    },

    async redrive(limit) {
      const from = await deadLetters();
      let moved = 0;
      while (moved < limit) {
        const count = await moveBatch(from, Math.min(BATCH, limit - moved));
        if (count === 0) break;
        moved += count;
      }
      return moved;
    },
  };
}

/** By its own id it is new to the queue, which may remember the one it was first sent with. */
function toEntry({ MessageId, Body, Attributes }: Message, index: number) {
  return {
    Id: `${index}`,
    MessageBody: Body,
    MessageGroupId: Attributes?.MessageGroupId,
    MessageDeduplicationId: `redrive:${MessageId}`,
  };
}

/** The variables of whoever looks after all queues. */
export const QUEUE_VARIABLES = [
  'CALLS_QUEUE_URL',
  'CRM_QUEUE_URL',
  'TELEGRAM_QUEUE_URL',
  'LIVE_QUEUE_URL',
  'RECORDINGS_QUEUE_URL',
  'REDIRECT_QUEUE_URL',
  'CHAT_AI_QUEUE_URL',
  'TELEGRAM_UPDATES_QUEUE_URL',
  'SQS_ENDPOINT',
] as const;

const ENDING = /_QUEUE_URL$/;

/** Every queue that the environment names, by the name it has in the template: TELEGRAM_UPDATES_QUEUE_URL and so on. */
export function watchQueues(
  env: Record<string, unknown> & { SQS_ENDPOINT?: string | undefined },
): Record<string, WatchedQueue> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([variable, url]) =>
      ENDING.test(variable) && typeof url === 'string'
        ? [[queueName(variable), watchQueue(url, env.SQS_ENDPOINT)]]
        : [],
    ),
  );
}

const queueName = (variable: string): string =>
  variable.replace(ENDING, '').toLowerCase().replaceAll('_', '-');
