import { rmSync } from 'node:fs';
import path from 'node:path';

import { checkPorts } from '../../infra/local/check-ports.ts';
import { checkout } from '../../infra/local/folders.ts';
import { portsFor } from '../../infra/local/ports.ts';
import { removeOutside } from '../../infra/local/postgres-files.ts';
import { endLeftovers, refuseWhileRunning } from '../../infra/local/stack-record.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';

const LOCAL = path.join(checkout, '.local');
/** From here on no port is among those that fetch refuses (6000, 6667, 10080 …). */
const FIRST_OFFSET = 4300;
const LAST_OFFSET = 9000;
const STEP = 100;

/** What a shell may have set for its own stack must not lead a benchmark to other people's services. */
const NOT_OURS = ['DATABASE_URL', 'SQS_ENDPOINT', 'S3_ENDPOINT', 'TELEGRAM_API_URL', 'PUBLIC_URL'];

/**
 * The local stack with fresh data beside any other that runs; stopping it removes the data.
 * @param own.name of its folder
 * @param own.S3_ENDPOINT another way to the store of the stack
 */
export async function startOwnStack(
  signal: AbortSignal,
  { name = 'bench', ...own }: { name?: string; S3_ENDPOINT?: string } = {},
): Promise<Stack> {
  const folder = path.join(LOCAL, name);
  const remove = (): void => {
    removeOutside(folder);
    rmSync(folder, { recursive: true, force: true });
  };
  for (const variable of NOT_OURS) delete process.env[variable];
  Object.assign(process.env, own);
  refuseWhileRunning(folder, 'Such a run is going on already.');
  await endLeftovers(folder);
  remove();
  try {
    const stack = await startStack({
      portOffset: await freeOffset(),
      dataFolder: folder,
      quiet: true,
      signal,
    });
    return {
      ...stack,
      async stop() {
        await stack.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

async function freeOffset(): Promise<number> {
  for (let offset = FIRST_OFFSET; offset < LAST_OFFSET; offset += STEP) {
    const needed = Object.entries(portsFor(offset)).map(([part, port]) => ({ part, port }));
    if (
      await checkPorts(needed).then(
        () => true,
        () => false,
      )
    )
      return offset;
  }
  throw new Error('no free ports for a stack of our own');
}
