import { expect, test } from 'vitest';

import { reachStore } from '../../shared/recordings/reach-store.ts';
import { storageSettings } from '../support/storage.ts';

test('a store with our bucket is reached', async () => {
  await expect(reachStore(storageSettings())).resolves.toBeUndefined();
});

test('a bucket that is not there is not', async () => {
  await expect(reachStore({ ...storageSettings(), bucket: 'somebody-elses' })).rejects.toThrow(
    '404',
  );
});

test('nor is a store that does not answer', async () => {
  const nobody = { ...storageSettings(), endpoint: 'http://127.0.0.1:1' };
  await expect(reachStore(nobody)).rejects.toThrow('fetch failed');
});
