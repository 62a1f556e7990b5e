import type { TestProject } from 'vitest/node';

import { type RealBox, startBox, stopBox, whyNoBox } from './real-box.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Null where there can be none: the tests are skipped then. */
    realBox: RealBox | null;
  }
}

/** A real Asterisk and a real sshd for one run of the tests. */
export default async function setup(project: TestProject) {
  const why = await whyNoBox();
  if (why !== undefined) {
    process.stderr.write(`\nSKIPPED: no real Asterisk here, because ${why}\n\n`);
    project.provide('realBox', null);
    return undefined;
  }
  const began = performance.now();
  const box = await startBox();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stderr.write(`A real Asterisk in ${seconds} s\n`);
  project.provide('realBox', box);
  return () => stopBox(box);
}
