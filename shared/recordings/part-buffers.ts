/** S3 takes parts from 5 MB on; 10,000 of these are 80 GB, more than any call. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Of one function instance, over all the files it copies: most of the memory it takes. */
const MOST_PARTS = 7;

export type PartBuffers = ReturnType<typeof createPartBuffers>;

/**
 * The memory of copying: a fixed number of buffers, each the size of one part, used again and again. Who needs one
 * while all are in use waits. (A stream would buffer by its own rules, and leave what it read to the collector.)
 */
export function createPartBuffers({ most = MOST_PARTS, bytes = PART_BYTES } = {}) {
  const free: Buffer[] = [];
  const waiting: ((buffer: Buffer) => void)[] = [];
  let made = 0;

  return {
    bytes,
    /** To be given back with `release`. */
    async take(): Promise<Buffer> {
      const buffer = free.pop();
      if (buffer) return buffer;
      if (made < most) {
        made += 1;
        return Buffer.allocUnsafeSlow(bytes);
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    release(buffer: Buffer): void {
      const next = waiting.shift();
      if (next) next(buffer);
      else free.push(buffer);
    },
    /** In use or free: never more than `most`. */
    count: () => made,
  };
}
