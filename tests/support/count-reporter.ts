import { appendFileSync } from 'node:fs';

import type { Reporter, TestModule } from 'vitest/node';

/** Appends one line "<passed> <failed> <skipped>" per run to the file that TEST_COUNTS names; .ci/run adds them up. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const file = process.env['TEST_COUNTS'];
    if (!file) return;
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') counts[state] += 1;
      }
      // A file that could not be loaded has no tests to count, and is a failure all the same.
      if (module.errors().length > 0) counts.failed += 1;
    }
    appendFileSync(file, `${counts.passed} ${counts.failed} ${counts.skipped}\n`);
  }
}
