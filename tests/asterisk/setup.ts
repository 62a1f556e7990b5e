import type { TestProject } from 'vitest/node';

import { isBuilt, type RealBox, startBox, stopBox, whyNoBox } from './real-box.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Null where there can be none: the tests are skipped then. */
    realBox: RealBox | null;
  }
}

/** A real Asterisk and a real sshd for one run of the tests. */
export default async function setup(project: TestProject) {
  const skip = (why: string) => {
    process.stderr.write(`\nSKIPPED: no real Asterisk here, because ${why}\n\n`);
    project.provide('realBox', null);
  };
  const why = await whyNoBox();
  if (why !== undefined) return skip(why);
  const began = performance.now();
  const box = await startBox().catch((error: unknown) => {
    if (isBuilt()) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return skip(
      `it could not be built of Debian's packages (.local/asterisk/build.log): ${reason}`,
    );
  });
  if (!box) return undefined;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stderr.write(`A real Asterisk in ${seconds} s\n`);
  project.provide('realBox', box);
  return () => stopBox(box);
}
