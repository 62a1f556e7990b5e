import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { TestProject } from 'vitest/node';

import { readPortOffset } from '../../infra/local/ports.ts';
import { removeData } from '../../infra/local/remove-data.ts';
import { startStack } from '../../infra/local/stack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    ports: Awaited<ReturnType<typeof startStack>>['ports'];
    environment: Record<string, string>;
    /** Posted to, it kills the functions' process and answers when the next one takes requests. */
    killFunctionsUrl: string;
  }
}

/** Beside a stack that a person may have running. */
const BESIDE = 1000;
const DATA = '.local/e2e';

/** The local stack, with its own data, for one run of the end-to-end tests. */
export default async function setup(project: TestProject) {
  await removeData(DATA);
  const stack = await startStack({
    portOffset: readPortOffset() + BESIDE,
    dataFolder: DATA,
    quiet: true,
  });
  project.provide('ports', stack.ports);
  project.provide('environment', stack.environment);
  const faults = createServer((_request, response) => {
    void stack.interrupt('functions', { how: 'killed', awayMs: 500 }).then(
      () => response.end(),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => faults.listen(0, '127.0.0.1', resolve));
  const { port } = faults.address() as AddressInfo;
  project.provide('killFunctionsUrl', `http://127.0.0.1:${port}/`);
  return async () => {
    faults.close();
    await stack.stop();
  };
}
