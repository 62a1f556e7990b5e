import { randomUUID } from 'node:crypto';

import postgres from 'postgres';

import { databaseUrlFor } from '../../infra/local/postgres.ts';
import { migrate } from '../../infra/migrate.ts';
import { connect, type Pool } from '../../shared/db.ts';

/**
 * Makes a migrated database, and drops it when the work in it is done. `db` is connected as a function is, `unhurried`
 * has no time limit for a statement: it makes what is measured.
 */
export async function inOwnDatabase<T>(
  port: number,
  work: (db: Pool, unhurried: postgres.Sql) => Promise<T>,
): Promise<T> {
  const name = `bench_${randomUUID().replaceAll('-', '')}`;
  const admin = postgres(databaseUrlFor(port, 'postgres'), { max: 1, onnotice: () => {} });
  await admin`create database ${admin(name)}`;
  const url = databaseUrlFor(port, name);
  await migrate(url);
  const db = connect(url);
  const unhurried = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(db, unhurried);
  } finally {
    await Promise.all([db.end(), unhurried.end()]);
    await admin`drop database ${admin(name)} with (force)`;
    await admin.end();
  }
}
