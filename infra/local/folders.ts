import { accessSync, constants, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { PlainError } from './plain-error.ts';

export const checkout = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Where the stack of this offset keeps its data between runs. */
export function dataFolderFor(offset: number): string {
  return path.join(checkout, '.local', ...(offset === 0 ? [] : [`offset-${offset}`]));
}

export function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch {
    throw new PlainError(
      `Cannot write to ${folder}. Was the stack started as another user before? ` +
        'Then remove its data as that user: npm run reset',
    );
  }
}

/** A path as people type it: relative when it lies below the current folder. */
export function shown(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative || '.';
}
