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

/** A real PostgreSQL with an up-to-date template database, and real SQS and S3 APIs, for one run of the tests. */
export default async function setup(project: TestProject) {
  const folder = mkdtempSync(path.join(tmpdir(), 'trunkline-test-'));
  chmodSync(folder, 0o755); // PostgreSQL runs as another user when we are root
  const crew = createCrew({ dataFolder: folder, logFolder: folder });
  const environment = {
    ...process.env,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'eu-central-1',
  };
  const [postgresPort, sqsPort] = [await freePort(), await freePort()];

  const files = await placePostgres(folder);
  await createCluster(files);
  crew.start({
    name: 'postgres',
    args: postgresArguments(files, postgresPort),
    cwd: process.cwd(),
    environment,
  });
  crew.start({
    name: 'fauxqs',
    args: [FAUXQS, String(sqsPort), folder, 'recordings'],
    cwd: process.cwd(),
    environment,
  });
  await createDatabase(postgresPort, crew.over);
  await migrate(databaseUrlFor(postgresPort));
  await until(() => answersOk(`http://127.0.0.1:${sqsPort}/health`), {
    over: crew.over,
    timeoutMs: 30_000,
    late: 'the SQS emulator does not answer',
  });

  project.provide('postgresPort', postgresPort);
  project.provide('sqsPort', sqsPort);
  return async () => {
    await crew.stop();
    removeOutside(folder);
    rmSync(folder, { recursive: true, force: true });
  };
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
