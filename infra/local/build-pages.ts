import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { checkout } from './folders.ts';
import { PlainError } from './plain-error.ts';

type Pages = 'admin' | 'widget';

/** What each is made of besides its own folder. */
const SOURCES: Record<Pages, string[]> = {
  admin: ['web/admin/{src,build,public}/**/*', 'web/admin/*.{html,ts,json}'],
  widget: ['web/widget/src/**/*', 'web/widget/*.ts'],
};
const COMMON = ['shared/**/*.schema.ts', 'shared/contract.ts', 'package-lock.json'];

/** Builds the pages unless they are built from just these sources. Returns whether there was something to do. */
export async function buildPages(pages: Pages): Promise<boolean> {
  const folder = path.join(checkout, 'web', pages);
  const stamp = path.join(folder, 'dist/.built-from');
  const sources = fingerprintOf([...SOURCES[pages], ...COMMON]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return false;
  const vite = path.join(checkout, 'node_modules/vite/bin/vite.js');
  try {
    await promisify(execFile)(process.execPath, [vite, 'build', folder, '--logLevel', 'warn'], {
      env: { ...process.env, NODE_ENV: 'production' }, // a test runner's own would bring React's slow half
    });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new PlainError(`The pages of web/${pages} cannot be built.\n${stderr.trim()}`);
  }
  writeFileSync(stamp, sources);
  return true;
}

function fingerprintOf(sources: string[]): string {
  const hash = createHash('sha256');
  for (const file of globSync(sources, { cwd: checkout }).toSorted()) {
    const absolute = path.join(checkout, file);
    if (statSync(absolute).isFile()) hash.update(file).update(readFileSync(absolute));
  }
  return hash.digest('hex');
}
