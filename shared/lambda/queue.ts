import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type * as z from 'zod';

import { ComeBackLater } from '../errors.ts';
import type { Queue } from '../queue.ts';
import { log } from './log.ts';
import { report } from './report.ts';

type Options<Schema extends z.ZodType> = {
  /** The queue the messages come from: what goes back goes back with a pause. */
  queue: Pick<Queue, 'delay'>;
  schema: Schema;
  /** Throws ComeBackLater when the message is to come back; any other error is a failure to be reported. */
  handle: (message: z.output<Schema>, delivery: { receives: number }) => Promise<void>;
};

/** After an unexpected failure: 1, 2, 4 … seconds by the number of receives, at most a minute. */
const FAILURE_PAUSE_SECONDS = 60;

/**
 * Wraps a consumer of a FIFO queue. Groups of a batch go side by side, messages of a group one after the other.
 * After the first message of a group that fails, the rest of that group goes back unseen and in order; other groups
 * go on. All that goes back of a group gets the same visibility, so that it comes back in order.
 */
export function queue<Schema extends z.ZodType>(options: Options<Schema>) {
  return middy<SQSEvent, SQSBatchResponse, Error, Context>()
    .before(({ context }) => log.addContext(context))
    .handler(async (event) => {
      const groups = Map.groupBy(event.Records, (r) => r.attributes.MessageGroupId ?? r.messageId);
      const givenBack = await Promise.all([...groups.values()].map((g) => workGroup(g, options)));
      return {
        batchItemFailures: givenBack.flat().map(({ messageId }) => ({ itemIdentifier: messageId })),
      };
    });
}

/** Returns the messages that go back to the queue. */
async function workGroup<Schema extends z.ZodType>(
  records: SQSRecord[],
  { queue, schema, handle }: Options<Schema>,
): Promise<SQSRecord[]> {
  for (const [index, record] of records.entries()) {
    try {
      await handle(schema.parse(JSON.parse(record.body)), { receives: receivesOf(record) });
    } catch (error) {
      const rest = records.slice(index);
      const seconds = await pauseAfter(error, record);
      await Promise.all(rest.map(({ receiptHandle }) => delay(queue, receiptHandle, seconds)));
      return rest;
    }
  }
  return [];
}

async function pauseAfter(error: unknown, record: SQSRecord): Promise<number> {
  const { messageId } = record;
  if (error instanceof ComeBackLater) {
    log.info('message comes back', { messageId, why: error.message, seconds: error.afterSeconds });
    return error.afterSeconds;
  }
  await report('message failed', error, { messageId });
  return Math.min(2 ** (receivesOf(record) - 1), FAILURE_PAUSE_SECONDS);
}

function receivesOf({ attributes }: SQSRecord): number {
  return Number(attributes.ApproximateReceiveCount) || 1;
}

/** When the pause cannot be set the message still comes back, after the queue's own visibility timeout. */
async function delay(queue: Pick<Queue, 'delay'>, receiptHandle: string, seconds: number) {
  try {
    await queue.delay(receiptHandle, seconds);
  } catch (error) {
    log.warn('could not set the visibility', { error: error instanceof Error ? error : undefined });
  }
}
