// What "take a call event" is compared with: the least that stores an event and puts its id on a queue. Built like a
// function.
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { JSONValue } from 'postgres';
import { v7 as newUuid } from 'uuid';

import { connect } from '../../shared/db.ts';

export type BareRow = {
  enterpriseNumber: string;
  kind: string;
  uniqueId: string | null;
  payload: { [field: string]: JSONValue };
  raw: string;
};

const db = connect(process.env['DATABASE_URL'] ?? '', { arrays: false });
const client = new SQSClient({
  endpoint: process.env['SQS_ENDPOINT'] ?? '',
  useQueueUrlAsEndpoint: false,
});
const QueueUrl = process.env['CALLS_QUEUE_URL'] ?? '';

/** Returns the milliseconds of both halves. */
export async function insertAndSend(row: BareRow): Promise<{ insert: number; send: number }> {
  const began = performance.now();
  const id = newUuid();
  await db`
    insert into call_events (id, enterprise_number, event_type, unique_id, payload, raw, received_at)
    values (${id}, ${row.enterpriseNumber}, ${row.kind}, ${row.uniqueId}, ${db.json(row.payload)}, ${row.raw}, now())`;
  const stored = performance.now();
  await client.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: JSON.stringify({ eventId: id }),
      MessageGroupId: row.enterpriseNumber,
      MessageDeduplicationId: id,
    }),
  );
  return { insert: stored - began, send: performance.now() - stored };
}
