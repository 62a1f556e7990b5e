import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';

import { createCrew } from '../../infra/local/crew.ts';
import { placePostgres, removeOutside } from '../../infra/local/postgres-files.ts';
import {
  createCluster,
  createDatabase,
  databaseUrlFor,
  postgresArguments,
} from '../../infra/local/postgres.ts';
import { answersOk, until } from '../../infra/local/until.ts';
import { migrate } from '../../infra/migrate.ts';

const FAUXQS = fileURLToPath(new URL('../../infra/local/fauxqs.ts', import.meta.url));
const LOCAL = {
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_REGION: 'eu-central-1',
};

export type Services = {
  /** For what a benchmark builds or writes; removed at the end. */
  folder: string;
  databaseUrl: string;
  postgresPort: number;
  sqsPort: number;
  /** What a function finds in its environment; its queues exist. */
  environment: Record<string, string>;
  stop(): Promise<void>;
};

/** A real PostgreSQL with the migrated database, and the SQS API, on free ports and with data of their own. */
export async function startServices(): Promise<Services> {
  const folder = mkdtempSync(path.join(tmpdir(), 'trunkline-bench-'));
  chmodSync(folder, 0o755); // PostgreSQL runs as another user when we are root
  const crew = createCrew({ dataFolder: folder, logFolder: folder });
  const stop = async (): Promise<void> => {
    await crew.stop();
    removeOutside(folder);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [postgresPort, sqsPort] = [await freePort(), await freePort()];
    const start = (name: string, args: string[]) =>
      crew.start({ name, args, cwd: process.cwd(), environment: { ...process.env, ...LOCAL } });
    const files = await placePostgres(folder);
    await createCluster(files);
    start('postgres', postgresArguments(files, postgresPort));
    start('fauxqs', [FAUXQS, String(sqsPort), folder, 'recordings']);
    await createDatabase(postgresPort, crew.over);
    await migrate(databaseUrlFor(postgresPort));
    await until(() => answersOk(`http://127.0.0.1:${sqsPort}/health`), {
      over: crew.over,
      timeoutMs: 30_000,
      late: 'the SQS emulator does not answer',
    });
    const databaseUrl = databaseUrlFor(postgresPort);
    const environment = {
      ...LOCAL,
      DATABASE_URL: databaseUrl,
      SQS_ENDPOINT: `http://127.0.0.1:${sqsPort}`,
      CALLS_QUEUE_URL: await createQueue(sqsPort, 'calls.fifo'),
      TZ: 'UTC', // as in Lambda
    };
    return { folder, databaseUrl, postgresPort, sqsPort, environment, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function createQueue(port: number, name: string): Promise<string> {
  const client = new SQSClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: LOCAL.AWS_REGION,
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  const Attributes = { FifoQueue: 'true' };
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  client.destroy();
  if (!QueueUrl) throw new Error(`the queue ${name} was not made`);
  return QueueUrl;
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
