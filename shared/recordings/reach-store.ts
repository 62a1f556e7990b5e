import { createSigner, type StoreSettings } from './sign.ts';

const PATIENCE_MS = 3_000;

/**
 * Asks the store for an object that is not there: "not found" comes from a store that is reached, knows the bucket and
 * takes the key. Rejects otherwise.
 */
export async function reachStore(settings: StoreSettings): Promise<void> {
  const url = await createSigner(settings).get('is-anybody-there', { seconds: 60 });
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
  const text = await response.text();
  const isThere = response.ok || (response.status === 404 && !text.includes('NoSuchBucket'));
  if (!isThere) throw new Error(`the store answers ${response.status}`);
}
