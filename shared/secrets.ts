import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Seals secrets for the database and opens them again. */
export type SecretBox = { seal(plain: string): string; open(sealed: string): string };

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM with versioned keys: `keys` is "v2:<base64>,v1:<base64>", the first seals, all open.
 * A sealed value reads "v2:<base64 of iv, tag, text>", so that keys can rotate row by row.
 */
export function createSecretBox(keys: string): SecretBox {
  const byVersion = new Map(
    keys.split(',').map((entry) => {
      const [version = '', key = ''] = entry.split(':');
      return [version, Buffer.from(key, 'base64')];
    }),
  );
  const [newest] = byVersion.keys();

  return {
    seal(plain) {
      const key = newest === undefined ? undefined : byVersion.get(newest);
      if (!newest || !key) throw new Error('ENCRYPTION_KEY holds no key');
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, iv);
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return `${newest}:${Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64')}`;
    },
    open(sealed) {
      const [version = '', body = ''] = sealed.split(':');
      const key = byVersion.get(version);
      if (!key) throw new Error(`No key of version "${version}" in ENCRYPTION_KEY`);
      const bytes = Buffer.from(body, 'base64');
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      const text = bytes.subarray(IV_BYTES + TAG_BYTES);
      return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
    },
  };
}

/** True for a value that `seal` made. */
export function isSealed(value: string): boolean {
  return /^v\d+:[A-Za-z0-9+/]{38,}={0,2}$/.test(value);
}
