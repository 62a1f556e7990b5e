import { randomBytes } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createSecretBox, isSealed } from '../../shared/secrets.ts';

const key = (version: string) => `${version}:${randomBytes(32).toString('base64')}`;
const [V1, V2] = [key('v1'), key('v2')];
const box = createSecretBox(V1);

describe('a sealed secret', () => {
  test('opens to what it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (plain) => {
        expect(box.open(box.seal(plain))).toBe(plain);
      }),
    );
  });

  test('is another text each time, and never shows the secret', () => {
    const sealed = [box.seal('demo-secret-0367'), box.seal('demo-secret-0367')];
    expect(sealed[0]).not.toBe(sealed[1]);
    expect(sealed.join()).not.toContain('demo-secret-0367');
    expect(Buffer.from(sealed[0]?.slice(3) ?? '', 'base64').toString('latin1')).not.toContain(
      'demo',
    );
  });

  test('is refused when any byte of it was changed', () => {
    const [version, body = ''] = box.seal('demo-secret-0367').split(':');
    const bytes = Buffer.from(body, 'base64');
    for (const index of bytes.keys()) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      expect(() => box.open(`${version}:${changed.toString('base64')}`), `byte ${index}`).toThrow(
        Error,
      );
    }
  });

  test.each([
    ['cut short', (sealed: string) => sealed.slice(0, -8)],
    ['cut down to its head', (sealed: string) => sealed.slice(0, 20)],
    ['with nothing in it', () => 'v1:'],
    ['without a version', (sealed: string) => sealed.slice(3)],
    ['empty', () => ''],
  ])('is refused when it is %s', (_how, change) => {
    expect(() => box.open(change(box.seal('demo-secret-0367')))).toThrow(Error);
  });

  test('is refused by another key of the same version', () => {
    expect(() => createSecretBox(key('v1')).open(box.seal('demo-secret-0367'))).toThrow(Error);
  });

  test('of a version nobody knows names the version, and nothing else', () => {
    const sealed = createSecretBox(V2).seal('demo-secret-0367');
    expect(() => box.open(sealed)).toThrow('No key of version "v2" in ENCRYPTION_KEY');
  });
});

describe('while keys rotate', () => {
  const both = createSecretBox(`${V2},${V1}`);

  test('the newest seals', () => {
    const sealed = both.seal('demo-secret-0367');
    expect(sealed).toMatch(/^v2:/);
    expect(createSecretBox(V2).open(sealed)).toBe('demo-secret-0367');
  });

  test('every one opens', () => {
    expect(both.open(box.seal('old'))).toBe('old');
    expect(both.open(both.seal('new'))).toBe('new');
  });
});

describe('isSealed', () => {
  test('knows what seal made, the empty secret included', () => {
    fc.assert(fc.property(fc.string(), (plain) => isSealed(box.seal(plain))));
    expect(isSealed(createSecretBox(key('v12')).seal(''))).toBe(true);
  });

  test.each([
    ['a key', 'demo-key-0367'],
    ['a bot token', '700000001:demo-telegram-token-0367'],
    ['a mask', '••••0367'],
    ['an address', 'https://demo.bitrix24.ru/rest/1/abcdefghijklmnop/'],
    ['nothing', ''],
    ['a version and too little', 'v1:c2hvcnQ='],
  ])('knows %s from it', (_what, value) => {
    expect(isSealed(value)).toBe(false);
  });
});
