import { createHash } from 'node:crypto';

import type { PartBuffers } from './part-buffers.ts';
import type { RemoteFile, RemoteFiles } from './remote-files.ts';
import { isNoBucket, type ObjectMetadata, type Store } from './store.ts';

export type Copied = { size: number; sha256: string };

/** The file was not what it was when it was looked at: it is looked at again in the next run. */
export class FileChanged extends Error {
  override readonly name = 'FileChanged';
}

type Copy = {
  file: RemoteFile;
  key: string;
  object: ObjectMetadata;
  /** May change the first bytes of what is stored (never of what is on the box). */
  prepare?: ((firstBytes: Buffer) => void) | undefined;
};

/**
 * Copies one file from a box to the store: parts of 8 MB, hashed on the way, never whole in memory. Resolves when the
 * store says that the object is there in full size and the box that the file has not changed meanwhile. Whatever
 * fails leaves the file on the box, and in the store at most what the next try overwrites.
 */
export async function copyFile(
  { files, store, buffers }: { files: RemoteFiles; store: Store; buffers: PartBuffers },
  { file, key, object, prepare }: Copy,
): Promise<Copied> {
  const hash = createHash('sha256');
  const reader = await files.open(file.path);
  try {
    if (file.size <= buffers.bytes) {
      await copyWhole();
    } else {
      await copyInParts();
    }
  } finally {
    await reader.close().catch(() => {}); // with the connection the handle is gone
  }
  const after = await files.stat(file.path);
  if (after?.size !== file.size || +after.modifiedAt !== +file.modifiedAt) {
    throw new FileChanged(`${file.path} changed while it was copied`);
  }
  const stored = await store.head(key);
  if (stored?.size !== file.size) {
    throw new Error(`the store has ${stored?.size ?? 'no'} of ${file.size} bytes of ${key}`);
  }
  return { size: file.size, sha256: hash.digest('hex') };

  /** The part that begins at `position`, in the buffer. */
  async function readPart(buffer: Buffer, position: number): Promise<Buffer> {
    const part = buffer.subarray(0, Math.min(buffers.bytes, file.size - position));
    const count = await reader.read(part, position);
    if (count < part.length) throw new FileChanged(`${file.path} became shorter`);
    if (position === 0) prepare?.(part);
    hash.update(part);
    return part;
  }

  async function copyWhole(): Promise<void> {
    const buffer = await buffers.take();
    try {
      const part = await readPart(buffer, 0);
      await makingBucket(store, () => store.put(key, part, object));
    } finally {
      buffers.release(buffer);
    }
  }

  /** Reads one part after the other, and sends them while the next ones are read. */
  async function copyInParts(): Promise<void> {
    const upload = await makingBucket(store, () => store.beginUpload(key, object));
    const sending: Promise<void>[] = [];
    let failure: unknown;
    try {
      for (let number = 1, at = 0; at < file.size; number += 1, at += buffers.bytes) {
        const buffer = await buffers.take();
        try {
          if (failure) throw failure;
          const part = await readPart(buffer, at);
          sending.push(
            upload
              .putPart(number, part)
              .catch((error: unknown) => {
                failure ??= error;
              })
              .finally(() => buffers.release(buffer)),
          );
        } catch (error) {
          buffers.release(buffer);
          throw error;
        }
      }
      await Promise.all(sending);
      if (failure) throw failure;
      await upload.complete();
    } catch (error) {
      await Promise.all(sending);
      // What cannot be aborted now is cleared by the bucket's own rule.
      await upload.abort().catch(() => {});
      throw error;
    }
  }
}

/** The bucket is made when it is missing. */
async function makingBucket<T>(store: Store, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isNoBucket(error)) throw error;
    await store.ensureBucket();
    await store.allowPages().catch(() => false);
    return write();
  }
}
