import { spawnSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';

import { PlainError } from './plain-error.ts';

export type SystemUser = { uid: number; gid: number };

/**
 * PostgreSQL refuses to run as root: then it runs as this user, or as the one who owns the cluster already.
 * Undefined for an ordinary user, who runs it himself.
 */
export function postgresUser(cluster: string): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = lstatSync(cluster, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };

  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find(([name]) => name === wanted) ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new PlainError(
    'PostgreSQL refuses to run as root, and this machine has neither a user "postgres" nor "nobody". ' +
      'Start the stack as an ordinary user.',
  );
}

// Both are tried out: rights, access lists and mount options all count.

export function canRun({ uid, gid }: SystemUser, binary: string): boolean {
  return spawnSync(binary, ['--version'], { uid, gid, cwd: '/' }).status === 0;
}

export function canReach({ uid, gid }: SystemUser, folder: string): boolean {
  return spawnSync('test', ['-x', folder], { uid, gid, cwd: '/' }).status === 0;
}
