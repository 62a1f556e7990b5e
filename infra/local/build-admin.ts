import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { checkout } from './folders.ts';
import { PlainError } from './plain-error.ts';

const FOLDER = path.join(checkout, 'web/admin');
const STAMP = path.join(FOLDER, 'dist/.built-from');
const SOURCES = [
  'web/admin/{src,build,public}/**/*',
  'web/admin/*.{html,ts,json}',
  'shared/**/*.schema.ts',
  'shared/contract.ts',
  'package-lock.json',
];

/** Builds the admin's pages unless they are built from just these sources. Returns whether there was something to do. */
export async function buildAdmin(): Promise<boolean> {
  const sources = fingerprintOfSources();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sources) return false;
  const vite = path.join(checkout, 'node_modules/vite/bin/vite.js');
  try {
    await promisify(execFile)(process.execPath, [vite, 'build', FOLDER, '--logLevel', 'warn'], {
      env: { ...process.env, NODE_ENV: 'production' }, // a test runner's own would bring React's slow half
    });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new PlainError(`The admin's pages cannot be built.\n${stderr.trim()}`);
  }
  writeFileSync(STAMP, sources);
  return true;
}

function fingerprintOfSources(): string {
  const hash = createHash('sha256');
  for (const file of globSync(SOURCES, { cwd: checkout }).toSorted()) {
    const absolute = path.join(checkout, file);
    if (statSync(absolute).isFile()) hash.update(file).update(readFileSync(absolute));
  }
  return hash.digest('hex');
}
