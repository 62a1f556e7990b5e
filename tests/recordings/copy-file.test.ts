import { createHash } from 'node:crypto';

import { expect, test } from 'vitest';

import { copyFile } from '../../shared/recordings/copy-file.ts';
import { createPartBuffers } from '../../shared/recordings/part-buffers.ts';
import type { RemoteFiles } from '../../shared/recordings/remote-files.ts';
import type { Store } from '../../shared/recordings/store.ts';

const MB = 1024 * 1024;

/** Files of zeros that take no room. */
function sparse(size: number): RemoteFiles {
  const stat = async (path: string) => ({ path, size, modifiedAt: new Date(0) });
  return {
    stat,
    list: async () => [],
    remove: async () => {},
    open: async () => ({
      read: async (buffer, position) => {
        const count = Math.max(0, Math.min(buffer.length, size - position));
        buffer.fill(0, 0, count);
        return count;
      },
      close: async () => {},
    }),
  };
}

/** Takes parts slowly, and keeps nothing. */
function counting(size: number) {
  const seen = { parts: 0, bytes: 0, atOnce: 0, most: 0 };
  const store = {
    beginUpload: async () => ({
      async putPart(_number: number, part: Buffer) {
        seen.parts += 1;
        seen.bytes += part.length;
        seen.atOnce += 1;
        seen.most = Math.max(seen.most, seen.atOnce);
        await new Promise((resolve) => setImmediate(resolve));
        seen.atOnce -= 1;
      },
      async complete() {},
      async abort() {},
    }),
    head: async () => ({ size }),
  } as unknown as Store;
  return { seen, store };
}

test(
  '2 GB go through seven buffers, however many files there are at once',
  { timeout: 60_000 },
  async () => {
    const size = 2048 * MB;
    const buffers = createPartBuffers();
    const { seen, store } = counting(size);
    const files = sparse(size);
    const before = process.memoryUsage().rss;
    let largest = before;
    const watching = setInterval(() => {
      largest = Math.max(largest, process.memoryUsage().rss);
    }, 5);
    const file = { path: '/a.wav', size, modifiedAt: new Date(0) };
    const copied = await copyFile(
      { files, store, buffers },
      { file, key: 'a', object: { contentType: 'audio/wav' } },
    );
    clearInterval(watching);
    expect(copied).toEqual({ size, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(seen).toMatchObject({ parts: 256, bytes: size });
    expect(buffers.count()).toBeLessThanOrEqual(7);
    expect((largest - before) / MB).toBeLessThan(96);
  },
);

test('four files share the seven buffers', async () => {
  const size = 40 * MB;
  const buffers = createPartBuffers();
  const { seen, store } = counting(size);
  const file = { path: '/a.wav', size, modifiedAt: new Date(0) };
  const copies = await Promise.all(
    ['a', 'b', 'c', 'd'].map((key) =>
      copyFile(
        { files: sparse(size), store, buffers },
        { file, key, object: { contentType: 'audio/wav' } },
      ),
    ),
  );
  const sha256 = createHash('sha256').update(Buffer.alloc(size)).digest('hex');
  expect(copies).toEqual(Array.from({ length: 4 }, () => ({ size, sha256 })));
  expect(seen.most).toBeLessThanOrEqual(7);
  expect(buffers.count()).toBeLessThanOrEqual(7);
});
