import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';

import {
  LOCAL_KEYS,
  type Services as Bare,
  startServices as startBare,
} from '../support/services.ts';

export type Services = Bare & {
  /** What a function finds in its environment; its queues exist. */
  environment: Record<string, string>;
};

/** The services of the tests, with what the functions that are measured need. */
export async function startServices(): Promise<Services> {
  const services = await startBare();
  try {
    const { databaseUrl, sqsPort } = services;
    const environment = {
      ...LOCAL_KEYS,
      DATABASE_URL: databaseUrl,
      SQS_ENDPOINT: `http://127.0.0.1:${sqsPort}`,
      CALLS_QUEUE_URL: await createQueue(sqsPort, 'calls.fifo'),
      TZ: 'UTC', // as in Lambda
    };
    return { ...services, environment };
  } catch (error) {
    await services.stop();
    throw error;
  }
}

async function createQueue(port: number, name: string): Promise<string> {
  const client = new SQSClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: LOCAL_KEYS.AWS_REGION,
    credentials: {
      accessKeyId: LOCAL_KEYS.AWS_ACCESS_KEY_ID,
      secretAccessKey: LOCAL_KEYS.AWS_SECRET_ACCESS_KEY,
    },
  });
  const Attributes = { FifoQueue: 'true' };
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  client.destroy();
  if (!QueueUrl) throw new Error(`the queue ${name} was not made`);
  return QueueUrl;
}
