import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

import { clusterIn, removeOutside } from './postgres-files.ts';
import { stopLeftover } from './postgres.ts';
import { endLeftovers, refuseWhileRunning } from './stack-record.ts';

/** Removes all that a stack keeps in its data folder, and what it had to put elsewhere. Returns whether there was anything. */
export async function removeData(dataFolder: string): Promise<boolean> {
  if (!existsSync(dataFolder)) return false;
  refuseWhileRunning(dataFolder, 'Stop it first.');
  await endLeftovers(dataFolder);
  await stopLeftover(clusterIn(dataFolder));
  removeOutside(dataFolder);
  // The folders of other offsets lie in the one of offset 0.
  for (const name of readdirSync(dataFolder).filter((entry) => !entry.startsWith('offset-'))) {
    rmSync(path.join(dataFolder, name), { recursive: true, force: true });
  }
  if (readdirSync(dataFolder).length === 0) rmSync(dataFolder, { recursive: true });
  return true;
}
