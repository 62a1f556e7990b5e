import { existsSync } from 'node:fs';
import path from 'node:path';

import { keptEncryptionKey, stackEnvironment } from './environment.ts';
import { dataFolderFor } from './folders.ts';
import { portsFor, readPortOffset } from './ports.ts';

/**
 * A command that names no database means the local stack of this checkout: gives it what the stack gives its
 * functions. Changes nothing when DATABASE_URL is set, or when no stack was ever started here.
 */
export function joinLocalStack(): void {
  const portOffset = readPortOffset();
  const folder = dataFolderFor(portOffset);
  const wasStarted = existsSync(path.join(folder, 'encryption-key'));
  if (process.env['DATABASE_URL'] || !wasStarted) return;
  const encryptionKey = keptEncryptionKey(folder);
  Object.assign(process.env, stackEnvironment(portsFor(portOffset), { encryptionKey }));
}
