import { defineConfig } from 'vitest/config';

const countReporter = process.env['TEST_COUNTS'] ? ['./tests/support/count-reporter.ts'] : [];

/** In Chromium: minutes, so a command of their own. */
const BROWSER = ['tests/e2e/admin/**/*.test.ts', 'tests/e2e/widget/**/*.test.ts'];
const onTheStack = {
  globalSetup: ['tests/support/running-stack.ts'],
  // Waiting ends when what is waited for is there; only a slow machine needs so long.
  testTimeout: 180_000,
  hookTimeout: 120_000,
  fileParallelism: false,
};

export default defineConfig({
  test: {
    reporters: ['default', ...countReporter],
    env: {
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_SERVICE_NAME: 'test',
      POWERTOOLS_DEV: 'true',
      POWERTOOLS_METRICS_DISABLED: 'true',
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: [
            'tests/**/*.pg.test.ts',
            'tests/e2e/**',
            'tests/asterisk/**',
            'tests/deploy/**',
          ],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'pg',
          include: ['tests/**/*.pg.test.ts'],
          globalSetup: ['tests/support/services.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'asterisk',
          include: ['tests/asterisk/**/*.test.ts'],
          globalSetup: ['tests/support/services.ts', 'tests/asterisk/setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'deploy',
          include: ['tests/deploy/**/*.test.ts'],
          globalSetup: ['tests/support/services.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          exclude: BROWSER,
          ...onTheStack,
        },
      },
      {
        extends: true,
        test: { name: 'browser', include: BROWSER, ...onTheStack },
      },
    ],
  },
});
