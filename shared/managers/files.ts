import { AppError } from '../errors.ts';
import type { Signer } from '../recordings/sign.ts';

/** The bytes of a stored file; undefined when it is not there. */
export type ReadFile = (key: string) => Promise<Uint8Array | undefined>;
export type StoreFile = (
  key: string,
  file: { bytes: Uint8Array; contentType: string },
) => Promise<void>;

const LINK_SECONDS = 60;
const TIMEOUT_MS = 15_000;

/** The chat's files between the storage and Telegram, by signed links. */
export function createFiles(signer: Signer): { readFile: ReadFile; storeFile: StoreFile } {
  return {
    async readFile(key) {
      const url = await signer.get(key, { seconds: LINK_SECONDS });
      const response = await ask(url, { method: 'GET' });
      if (response.status === 404) return undefined;
      if (!response.ok) throw unavailable();
      return new Uint8Array(await response.arrayBuffer());
    },

    async storeFile(key, { bytes, contentType }) {
      const size = bytes.length;
      const url = await signer.put(key, { seconds: LINK_SECONDS, contentType, size });
      const headers = { 'content-type': contentType };
      const response = await ask(url, { method: 'PUT', headers, body: Buffer.from(bytes) });
      if (!response.ok) throw unavailable();
    },
  };
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw unavailable(cause);
  }
}

const unavailable = (cause?: unknown): AppError =>
  new AppError('unavailable', 'The storage does not answer', { cause });
