import { setTimeout as sleep } from 'node:timers/promises';

import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';

export type Trigger = {
  functionName: string;
  invokeUrl: string;
  queueUrl: string;
  queueArn: string;
  region: string;
  batchSize: number;
  reportsFailures: boolean;
};

/**
 * Shorter than a start of the functions. The emulator gives messages to a poll whose process was killed, as long as it
 * would have lasted; they would be hidden for the queue's whole visibility time.
 */
const LONG_POLL_SECONDS = 4;
const Answer = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).nullish(),
});

/** What one concurrent execution of a function does: receive, invoke, delete what was handled. Until `stopping`. */
export async function poll(
  trigger: Trigger,
  {
    client,
    stopping,
    warn,
  }: { client: SQSClient; stopping: AbortSignal; warn: (text: string) => void },
): Promise<void> {
  while (!stopping.aborted) {
    try {
      const messages = await receive(trigger, client, stopping);
      if (messages.length === 0) continue;
      if (stopping.aborted) await giveBack(trigger, client, messages);
      else await remove(trigger, client, await invoke(trigger, messages, warn));
    } catch (error) {
      if (stopping.aborted) return;
      warn(`${trigger.functionName}: the queue does not answer: ${String(error)}`);
      await sleep(1_000);
    }
  }
}

async function receive(
  { queueUrl, batchSize }: Trigger,
  client: SQSClient,
  abortSignal: AbortSignal,
): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: Math.min(10, batchSize),
    WaitTimeSeconds: LONG_POLL_SECONDS,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  const { Messages = [] } = await client.send(command, { abortSignal });
  return Messages;
}

/** Returns the messages that were handled. A function that throws or runs out of time has handled none. */
async function invoke(
  trigger: Trigger,
  messages: Message[],
  warn: (text: string) => void,
): Promise<Message[]> {
  const body = JSON.stringify({ Records: messages.map((message) => toRecord(message, trigger)) });
  const response = await fetch(trigger.invokeUrl, { method: 'POST', body });
  const text = await response.text();
  if (!response.ok || response.headers.has('x-amz-function-error')) {
    warn(
      `${trigger.functionName} failed, ${messages.length} message(s) stay in the queue: ${text.slice(0, 300)}`,
    );
    return [];
  }
  if (!trigger.reportsFailures) return messages;
  return withoutFailures(messages, text);
}

/** As AWS reads the answer: nothing failed when it is empty, all failed when it is malformed or names a stranger. */
function withoutFailures(messages: Message[], text: string): Message[] {
  const answer = Answer.nullable().safeParse(parsed(text));
  if (!answer.success) return [];
  const failed = answer.data?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier) ?? [];
  const received = messages.map(({ MessageId = '' }) => MessageId);
  if (failed.some((id) => !received.includes(id))) return [];
  return messages.filter(({ MessageId = '' }) => !failed.includes(MessageId));
}

function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function remove(
  { queueUrl }: Trigger,
  client: SQSClient,
  messages: Message[],
): Promise<void> {
  if (messages.length === 0) return;
  const Entries = messages.map(({ ReceiptHandle }, index) => ({
    Id: String(index),
    ReceiptHandle,
  }));
  await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
}

/** Received while the stack was already stopping: the next start finds them at once. */
async function giveBack(
  { queueUrl }: Trigger,
  client: SQSClient,
  messages: Message[],
): Promise<void> {
  const Entries = messages.map(({ ReceiptHandle }, index) => ({
    Id: String(index),
    ReceiptHandle,
    VisibilityTimeout: 1, // 0 would wedge the group: the emulator loses the message on the way back
  }));
  await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
}

function toRecord(message: Message, { queueArn, region }: Trigger) {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
    name,
    {
      stringValue: value.StringValue,
      binaryValue: value.BinaryValue && Buffer.from(value.BinaryValue).toString('base64'),
      stringListValues: [],
      binaryListValues: [],
      dataType: value.DataType,
    },
  ]);
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes,
    messageAttributes: Object.fromEntries(attributes),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}
