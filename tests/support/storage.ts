import { inject } from 'vitest';

import { createSigner, type StoreSettings } from '../../shared/recordings/sign.ts';

export const BUCKET = 'recordings';

const KEYS = { region: 'eu-central-1', bucket: BUCKET, accessKey: 'local', secretKey: 'local' };

/** A storage that no test of its own asks. */
export const testSigner = createSigner({
  ...KEYS,
  endpoint: 'https://store.example',
  pathStyle: false,
});

/** The real S3 API of this run of the tests. */
export function storageSettings(changed: Partial<StoreSettings> = {}): StoreSettings {
  const endpoint = `http://127.0.0.1:${inject('sqsPort')}`;
  return { ...KEYS, endpoint, pathStyle: true, ...changed };
}
