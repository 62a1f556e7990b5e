import { expect, test } from 'vitest';

import { hashPassword, NOBODYS_HASH, verifyPassword } from '../../shared/auth/passwords.ts';

test('a hash names its cost, differs each time, and knows its password', async () => {
  const [one, other] = [await hashPassword('пароль 1234'), await hashPassword('пароль 1234')];
  expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(one).not.toBe(other);
  expect(await verifyPassword('пароль 1234', one)).toBe(true);
  expect(await verifyPassword('пароль 1235', one)).toBe(false);
});

test('the same letters in other code points are the same password', async () => {
  expect(await verifyPassword('и\u0306од', await hashPassword('йод'))).toBe(true);
});

test('a hash of another cost is still understood', async () => {
  // Made by Python: hashlib.scrypt(b'correct horse', salt=bytes(16), n=1024, r=8, p=1, dklen=32)
  const older =
    '$scrypt$ln=10,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$6T3EPrWlvRG/y8+HDJ+XRLH2SiAP9RFvuF7ZslX9Uhw';
  expect(await verifyPassword('correct horse', older)).toBe(true);
});

test.each([
  '',
  'plain',
  '$scrypt$ln=15,r=8,p=3$$',
  '$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA',
  NOBODYS_HASH,
])('nothing opens "%s"', async (hash) => {
  expect(await verifyPassword('', hash)).toBe(false);
});
