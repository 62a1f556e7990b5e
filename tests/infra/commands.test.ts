import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

import { describe, expect, test } from 'vitest';
import * as z from 'zod';

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')));

/** What an operator runs at night, or on somebody else's account. */
const COMMANDS = [
  'storage:check',
  'queues:redrive',
  'secrets:rotate',
  'events:replay',
  'enterprise:import',
  'telegram:setup',
  'chat:check',
  'asterisk:check',
  'deploy',
];

const run = async (name: string, ...args: string[]) => {
  const [, file = ''] = (scripts[name] ?? '').split(' ');
  const env = { PATH: process.env['PATH'] };
  return promisify(execFile)(process.execPath, [file, ...args], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );
};

describe.each(COMMANDS)('npm run %s', (name) => {
  test('says what it does, what a dry run is, and what its exit codes mean', async () => {
    const { code, stdout } = await run(name, '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: npm run ${name} -- `));
    expect(stdout).toContain('--dry-run');
    expect(stdout).toContain('Exit code: 0');
  });

  test('does nothing when it is asked for what it does not know', async () => {
    const { code, stdout, stderr } = await run(name, '--no-such-thing');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('--no-such-thing');
  });
});
