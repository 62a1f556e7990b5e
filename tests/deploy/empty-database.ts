import { randomUUID } from 'node:crypto';

import postgres from 'postgres';
import { inject } from 'vitest';

import { databaseUrlFor } from '../../infra/local/postgres.ts';
import { connect } from '../../shared/db.ts';

/** A database without a single table, as a new stage finds it. */
export async function emptyDatabase() {
  const port = inject('postgresPort');
  const name = `empty_${randomUUID().replaceAll('-', '')}`;
  const admin = postgres(databaseUrlFor(port, 'postgres'), { max: 1, onnotice: () => {} });
  await admin`create database ${admin(name)}`;
  const url = databaseUrlFor(port, name);
  const db = connect(url, { max: 2 });
  return {
    db,
    url,
    drop: async () => {
      await db.end();
      await admin`drop database ${admin(name)} with (force)`;
      await admin.end();
    },
  };
}
