import {
  CreateQueueCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, inject, test, vi } from 'vitest';

import { createQueue } from '../../shared/queue.ts';

test.each([
  ['emoji', '🖥 Хостинг: «бот» 🤖'],
  ['what an escape looks like', String.raw`\ud83d \\ud83d "🖥"`],
  ['characters that are none', '\uFFFE \uFFFF'],
])('%s come through the queue as they were', async (_what, text) => {
  const endpoint = `http://127.0.0.1:${inject('sqsPort')}`;
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  const client = new SQSClient({ endpoint });
  const QueueName = `text-${crypto.randomUUID()}.fifo`;
  const { QueueUrl = '' } = await client.send(
    new CreateQueueCommand({ QueueName, Attributes: { FifoQueue: 'true' } }),
  );
  try {
    const queue = createQueue(QueueUrl, { endpoint });
    expect(await queue.sendAll([{ body: { text }, group: 'a', dedup: 'a' }])).toEqual([]);
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages.map(({ Body = '' }) => JSON.parse(Body) as unknown)).toEqual([{ text }]);
  } finally {
    await client.send(new DeleteQueueCommand({ QueueUrl }));
    client.destroy();
    vi.unstubAllEnvs();
  }
});
