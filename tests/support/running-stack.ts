import type { TestProject } from 'vitest/node';

import { readPortOffset } from '../../infra/local/ports.ts';
import { removeData } from '../../infra/local/remove-data.ts';
import { startStack } from '../../infra/local/stack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    ports: Awaited<ReturnType<typeof startStack>>['ports'];
    environment: Record<string, string>;
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
  return () => stack.stop();
}
