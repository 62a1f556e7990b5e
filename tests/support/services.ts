import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { TestProject } from 'vitest/node';

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

declare module 'vitest' {
  interface ProvidedContext {
    postgresPort: number;
    sqsPort: number;
  }
}

const FAUXQS = fileURLToPath(new URL('../../infra/local/fauxqs.ts', import.meta.url));

export type Services = {
  /** For what a benchmark builds or writes; removed at the end. */
  folder: string;
  databaseUrl: string;
  postgresPort: number;
  sqsPort: number;
  stop: () => Promise<void>;
};

/** The emulator takes any keys; a client without some does not sign. */
export const LOCAL_KEYS = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'eu-central-1',
};

/** A real PostgreSQL with the migrated database, and real SQS and S3 APIs, on free ports and with data of their own. */
export async function startServices(): Promise<Services> {
  const folder = mkdtempSync(path.join(tmpdir(), 'trunkline-test-'));
  chmodSync(folder, 0o755); // PostgreSQL runs as another user when we are root
  const crew = createCrew({ dataFolder: folder, logFolder: folder });
  const stop = async (): Promise<void> => {
    await crew.stop();
    removeOutside(folder);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [postgresPort, sqsPort] = [await freePort(), await freePort()];
    const environment = { ...process.env, ...LOCAL_KEYS };
    const start = (name: string, args: string[]) =>
      crew.start({ name, args, cwd: process.cwd(), environment });
    const files = await placePostgres(folder);
    await createCluster(files);
    start('postgres', postgresArguments(files, postgresPort));
    start('fauxqs', [FAUXQS, String(sqsPort), folder, 'recordings']);
    await createDatabase(postgresPort, crew.over);
    const databaseUrl = databaseUrlFor(postgresPort);
    await migrate(databaseUrl);
    await until(() => answersOk(`http://127.0.0.1:${sqsPort}/health`), {
      over: crew.over,
      timeoutMs: 30_000,
      late: 'the SQS emulator does not answer',
    });
    return { folder, databaseUrl, postgresPort, sqsPort, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** For one run of the tests; the database is the template of each file's own. */
export default async function setup(project: TestProject) {
  const { postgresPort, sqsPort, stop } = await startServices();
  project.provide('postgresPort', postgresPort);
  project.provide('sqsPort', sqsPort);
  return stop;
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
