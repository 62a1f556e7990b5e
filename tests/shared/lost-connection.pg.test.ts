import { once } from 'node:events';
import { connect as connectTo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';

import { connect, type Pool } from '../../shared/db.ts';
import { useDatabase } from '../support/database.ts';

const database = useDatabase();
const links = new Set<Socket>();
const thrown: unknown[] = [];
const note = (error: unknown) => thrown.push(error);

/** Between the driver and the server, so that a connection can end in every way a network knows. */
const between = createServer((client) => {
  const server = connectTo(inject('postgresPort'), '127.0.0.1');
  links.add(client);
  client.pipe(server).pipe(client);
  client.on('error', () => server.destroy());
  server.on('error', () => client.destroy());
  client.on('close', () => (server.destroy(), links.delete(client)));
});
let db: Pool;

beforeAll(async () => {
  between.listen(0, '127.0.0.1');
  await once(between, 'listening');
  process.on('uncaughtException', note);
});
afterAll(() => {
  process.off('uncaughtException', note);
  between.close();
});
beforeEach(async () => {
  thrown.length = 0;
  const address = between.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const url = database.url.replace(/:\d+\//, `:${port}/`);
  db = connect(url, { max: 1 });
  await database.db`drop table if exists notes`;
  await database.db`create table notes (note text)`;
});
afterEach(() => db.end({ timeout: 1 }));

const WAYS: [string, () => Promise<void> | void][] = [
  ['is closed', () => links.forEach((link) => link.end())],
  ['is reset', () => links.forEach((link) => link.resetAndDestroy())],
  [
    'is ended by the server',
    async () => {
      await database.db`
        select pg_terminate_backend(pid)
        from pg_stat_activity
        where datname = current_database()
          and pid <> pg_backend_pid()
          and application_name = 'trunkline'
          and (state = 'idle in transaction' or query like '%pg_sleep(5)%')`;
    },
  ],
];

test.each(WAYS)('a connection that %s in the middle of a statement', async (_how, cut) => {
  const working = db.begin(async (tx) => {
    await tx`insert into notes values ('lost')`;
    await tx`select pg_sleep(5)`;
  });
  const ended = working.then(
    () => 'committed',
    () => 'failed',
  );
  await until(async () => {
    const [row] = await database.db`
      select count(*)::int as sleeping
      from pg_stat_activity
      where datname = current_database()
        and state = 'active'
        and query like '%pg_sleep(5)%'
        and pid <> pg_backend_pid()`;
    return row?.['sleeping'] === 1;
  });
  await cut();
  expect(await ended).toBe('failed');
  await comesBack();
  await until(async () => (await database.db`select note from notes`).length === 0);
});

test.each(WAYS)('a connection that %s while a transaction is elsewhere', async (_how, cut) => {
  const inside = Promise.withResolvers<void>();
  const elsewhere = Promise.withResolvers<void>();
  const late: unknown[] = [];
  const working = db.begin(async (tx) => {
    await tx`insert into notes values ('lost')`;
    inside.resolve();
    await elsewhere.promise;
    await tx`insert into notes values ('outside of every transaction')`.catch((error: unknown) => {
      late.push(error);
      throw error;
    });
  });
  const ended = working.then(
    () => 'committed',
    () => 'failed',
  );
  await inside.promise;
  await cut();
  expect(await ended).toBe('failed');
  // Another query brings a new connection into the place of the old one; then the lost transaction goes on.
  await comesBack();
  elsewhere.resolve();
  await until(() => late.length === 1);
  await comesBack();
  expect(await database.db`select note from notes`).toEqual([]);
});

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20);
}

/** Nothing was thrown past its promise, and the pool serves the next ones. */
async function comesBack() {
  expect(await db`select 1 as one`).toEqual([{ one: 1 }]);
  expect(await db.begin((tx) => tx`select 2 as two`)).toEqual([{ two: 2 }]);
  expect(thrown).toEqual([]);
}
