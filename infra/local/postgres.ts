import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { rename, writeFile, rm, chmod } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import postgres from 'postgres';

import { PlainError, reason } from './plain-error.ts';
import type { PostgresFiles } from './postgres-files.ts';
import { commandOf, processId, signal, waitForEnd } from './processes.ts';
import { until } from './until.ts';

const NAME = 'trunkline';
const PASSWORD = 'trunkline';

export function databaseUrlFor(port: number, database = NAME): string {
  return `postgresql://${NAME}:${PASSWORD}@127.0.0.1:${port}/${database}`;
}

/** The arguments of the part that runs the server. */
export function postgresArguments(
  { postgres: binary, cluster, user }: PostgresFiles,
  port: number,
): string[] {
  const script = fileURLToPath(new URL('postgres-server.ts', import.meta.url));
  const ids = user ? [String(user.uid), String(user.gid)] : [];
  return [script, binary, cluster, String(port), ...ids];
}

/** Makes the cluster on the first start. Does nothing when it is there. */
export async function createCluster({ initdb, cluster, user }: PostgresFiles): Promise<void> {
  if (existsSync(cluster)) return;
  // Made under another name first: an interrupted initdb must not be taken for a whole cluster.
  const unfinished = `${cluster}.new`;
  const passwordFile = `${cluster}.password`;
  await rm(unfinished, { recursive: true, force: true });
  await writeFile(passwordFile, PASSWORD);
  await chmod(passwordFile, 0o644);
  try {
    await promisify(execFile)(
      initdb,
      [
        `--pgdata=${unfinished}`,
        `--username=${NAME}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-sync',
        '--no-instructions',
      ],
      { cwd: '/', ...user },
    );
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new PlainError(
      `PostgreSQL could not make its data folder ${unfinished}:\n${output || reason(error)}`,
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, cluster);
}

/** Waits until the server answers, and makes the database on the first start. */
export async function createDatabase(port: number, over: AbortSignal): Promise<void> {
  const sql = postgres(databaseUrlFor(port, 'postgres'), { max: 1, connect_timeout: 2 });
  try {
    await until(async () => (await sql`select 1`).length === 1, {
      over,
      timeoutMs: 60_000,
      late: 'PostgreSQL did not answer within a minute. Its log: .local/logs/postgres.log',
    });
    const [found] = await sql`select from pg_database where datname = ${NAME}`;
    if (!found) await sql`create database ${sql(NAME)}`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** The process of the server itself, by its own note. */
export function serverOf(cluster: string): number {
  return Number.parseInt(readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8'), 10);
}

/** A database server that outlived its stack (kill -9 of everything) holds the port and the data: it is stopped. */
export async function stopLeftover(cluster: string): Promise<void> {
  const pidFile = path.join(cluster, 'postmaster.pid');
  const pid = existsSync(pidFile) ? Number.parseInt(readFileSync(pidFile, 'utf8'), 10) : Number.NaN;
  if (Number.isNaN(pid)) return;

  const id = processId(pid);
  if (!id || !commandOf(pid).includes(cluster)) {
    // The number belongs to nobody, or by now to another program: the server would refuse to start because of it.
    rmSync(pidFile, { force: true });
    return;
  }
  for (const name of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    signal(pid, name);
    if (await waitForEnd(id, 10_000)) return;
  }
}
