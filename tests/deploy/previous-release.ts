import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { build } from '../bench/build.ts';

const run = promisify(execFile);
const MIGRATIONS = 'infra/migrations';
/** Inside the checkout, so that packages are found from there. */
const FOLDER = path.resolve('.local/previous');
/** Where there is no release yet: so many states of the code from before a migration. */
const STATES = 2;

const git = async (...args: string[]): Promise<string> =>
  (await run('git', args, { maxBuffer: 64 * 1024 * 1024 })).stdout.trim();

/**
 * What may be running while this checkout's migrations run: the release before (the newest tag v… before this commit, or
 * the commit that PREVIOUS_RELEASE names); before the first release, the code as it was before each of the newest
 * migrations. Returns why there is nothing of the kind instead.
 */
export async function findPrevious(): Promise<string[] | string> {
  const named = process.env['PREVIOUS_RELEASE'];
  if (named) return [named];
  try {
    await git('rev-parse', 'HEAD');
  } catch {
    return 'this is no clone: git knows no history';
  }
  const tag = await git('describe', '--tags', '--abbrev=0', '--match', 'v*', 'HEAD^').catch(
    () => '',
  );
  if (tag) return [tag];
  const range = ['--first-parent', '-m', '--diff-filter=A', '--format=%H'];
  const added = await git('log', ...range, '--', MIGRATIONS);
  const states: string[] = [];
  for (const commit of added.split('\n')) {
    if (states.length < STATES && (await couldHaveRun(`${commit}^1`))) states.push(`${commit}^1`);
  }
  return states.length > 0 ? states : 'the history here does not reach back before a migration';
}

/** Its migrations are the first ones of ours; otherwise no database of its can ever meet ours. */
async function couldHaveRun(commit: string): Promise<boolean> {
  try {
    const files = await git('ls-tree', '--name-only', commit, `${MIGRATIONS}/`);
    const theirs = files.split('\n').map((file) => path.basename(file));
    const ours = readdirSync(MIGRATIONS).toSorted();
    return theirs.length < ours.length && theirs.every((name, index) => name === ours[index]);
  } catch {
    return false; // not in a shallow clone
  }
}

/** The code of a commit in a folder of its own. */
export async function checkOut(commit: string): Promise<string> {
  const folder = path.join(FOLDER, (await git('rev-parse', commit)).slice(0, 12));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const archive = path.join(folder, 'tree.tar');
  await git(
    'archive',
    '--output',
    archive,
    commit,
    'functions',
    'shared',
    'infra',
    'serverless.yml',
  );
  await run('tar', ['-xf', archive, '-C', folder]);
  return folder;
}

/** Builds functions of a checkout; returns the folder in which Lambda would find them. */
export async function buildFunctions(root: string, names: string[]): Promise<string> {
  const folder = path.join(root, 'built');
  for (const name of names) await build(`functions/${name}/handler.ts`, folder, root);
  return folder;
}
