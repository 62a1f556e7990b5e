// Brings a database up to date: npm run migrate (DATABASE_URL names it).
// Needs a direct connection: behind a transaction pooler the lock would not hold.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { runner } from 'node-pg-migrate';

const FOLDER = fileURLToPath(new URL('migrations', import.meta.url));
const NO_TRANSACTION = /^-- no transaction\b/m;

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Runs what has not run yet, each file in a transaction of its own. Returns the names of what ran. */
export async function migrate(databaseUrl: string, folder = FOLDER): Promise<string[]> {
  let current = '';
  const load = async (file: string) => {
    const text = await readFile(file, 'utf8');
    const up = (builder: { sql(text: string): void; noTransaction(): void }): void => {
      current = path.basename(file);
      // `create index concurrently` cannot run in a transaction: its file says so, and holds nothing else.
      if (NO_TRANSACTION.test(text)) builder.noTransaction();
      builder.sql(text);
    };
    return { id: file, filePaths: [file], actions: { up, down: false as const } };
  };
  try {
    const ran = await runner({
      databaseUrl,
      dir: folder,
      migrationsTable: 'migrations',
      direction: 'up',
      singleTransaction: false,
      // Two deploys, or a deploy and an impatient person: the second one waits and finds nothing left to do.
      advisoryLockMode: 'wait',
      ignorePattern: String.raw`(?!.*\.sql$).*`,
      migrationLoaderStrategies: [
        { extensions: ['.sql'], loader: (files) => Promise.all(files.map(load)) },
      ],
      logger: silent,
    });
    return ran.map(({ name }) => name);
  } catch (error) {
    const message = error instanceof Error ? error.message || error.name : String(error);
    throw new Error(current ? `${current}: ${message}` : message, { cause: error });
  }
}

if (import.meta.main) {
  const databaseUrl = process.env['DATABASE_URL'];
  if (!databaseUrl) {
    console.error(
      'DATABASE_URL is not set. For example: postgresql://trunkline:secret@db.example.com:5432/trunkline',
    );
    process.exit(1);
  }
  try {
    const names = await migrate(databaseUrl.replace(/^postgresql\+asyncpg:/, 'postgresql:'));
    console.log(names.length === 0 ? 'Nothing to do.' : `Ran ${names.join(', ')}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
