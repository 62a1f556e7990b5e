import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { readEnv, VARIABLES } from '../../shared/env.ts';

const NAMES = Object.keys(VARIABLES) as (keyof typeof VARIABLES)[];
const KEY = `v1:${Buffer.alloc(32, 7).toString('base64')}`;

const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return String(error);
  }
  return 'nothing was thrown';
};

describe('what is set is read', () => {
  test.each([
    ['postgresql://june:pw@db:5432/trunkline', 'postgresql://june:pw@db:5432/trunkline'],
    ['postgres://june:pw@db/trunkline', 'postgres://june:pw@db/trunkline'],
    ['postgresql+asyncpg://june:pw@db:5432/trunkline', 'postgresql://june:pw@db:5432/trunkline'],
  ])('DATABASE_URL %s', (DATABASE_URL, read) => {
    expect(readEnv(['DATABASE_URL'], { DATABASE_URL })).toEqual({ DATABASE_URL: read });
  });

  test('only what was asked for', () => {
    const source = { PUBLIC_URL: 'https://calls.example.com', ENCRYPTION_KEY: KEY };
    expect(readEnv(['PUBLIC_URL'], source)).toEqual({ PUBLIC_URL: source.PUBLIC_URL });
  });

  test('several keys while they rotate', () => {
    const ENCRYPTION_KEY = `${KEY.replace('v1', 'v2')},${KEY}`;
    expect(readEnv(['ENCRYPTION_KEY'], { ENCRYPTION_KEY })).toEqual({ ENCRYPTION_KEY });
  });

  test('what may be absent is absent, or has its default; an empty one counts as absent', () => {
    const source = { SQS_ENDPOINT: '', TELEGRAM_API_URL: '' };
    expect(readEnv(['SQS_ENDPOINT', 'TELEGRAM_API_URL', 'SENTRY_DSN'], source)).toEqual({
      TELEGRAM_API_URL: 'https://api.telegram.org',
    });
  });
});

describe('what is missing or malformed stops the function at its start', () => {
  test('all of it at once, each with an example', () => {
    const message = messageOf(() => readEnv(['DATABASE_URL', 'PUBLIC_URL', 'CRM_QUEUE_URL'], {}));
    for (const name of ['DATABASE_URL', 'PUBLIC_URL', 'CRM_QUEUE_URL'] as const) {
      expect(message).toContain(name);
      expect(message).toContain(VARIABLES[name].example);
    }
  });

  test('and nothing that is well', () => {
    const message = messageOf(() =>
      readEnv(['PUBLIC_URL', 'CRM_QUEUE_URL'], { PUBLIC_URL: 'https://a.example' }),
    );
    expect(message).toContain('CRM_QUEUE_URL');
    expect(message).not.toContain('PUBLIC_URL');
  });

  test.each([
    ['DATABASE_URL', 'mysql://june:planted-secret@db/trunkline'],
    ['DATABASE_URL', 'planted-secret'],
    ['ENCRYPTION_KEY', 'planted-secret'],
    ['ENCRYPTION_KEY', `${KEY},planted-secret`],
    ['PUBLIC_URL', 'planted-secret'],
    ['CALLS_QUEUE_URL', 'planted-secret'],
    ['TELEGRAM_BOT_TOKEN', 'planted-secret'],
    ['OPERATOR_CHAT_ID', 'planted-secret'],
    ['OUTBOUND_ALLOW_PRIVATE', 'planted-secret'],
    ['SENTRY_DSN', 'planted-secret'],
  ] as const)('%s=%s, without showing the value', (name, value) => {
    const message = messageOf(() => readEnv([name], { [name]: value }));
    expect(message).toContain(name);
    expect(message).not.toContain('planted-secret');
  });
});

describe('.env.example', () => {
  /** `NAME=value`, or `# NAME=value` for what may stay absent, with a comment above it. */
  const lines = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8').split('\n');
  const listed = lines.flatMap((line, index) => {
    const [, name, value = ''] = /^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    return name === undefined
      ? []
      : [{ name, value, optional: line.startsWith('#'), above: lines[index - 1] ?? '' }];
  });

  test('lists every variable once, and no other', () => {
    expect(listed.map(({ name }) => name).toSorted()).toEqual(NAMES.toSorted());
  });

  test.each(listed)('$name: says above it what it is for', ({ above }) => {
    expect(above).toMatch(/^# \S.{10,}/);
    expect(above).not.toMatch(/^# [A-Z0-9_]+=/);
  });

  test.each(listed)('$name: has a value that the functions take', ({ name, value }) => {
    const known = NAMES.find((candidate) => candidate === name);
    expect(known && readEnv([known], { [name]: value })).toHaveProperty([name]);
  });

  test.each(listed)(
    '$name: is commented out when the functions can do without it',
    ({ name, optional }) => {
      const known = NAMES.find((candidate) => candidate === name);
      expect(known && VARIABLES[known].schema.safeParse(undefined).success).toBe(optional);
    },
  );
});
