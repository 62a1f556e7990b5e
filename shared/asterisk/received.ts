import type { OnReadOpts } from 'node:net';

const READ_BYTES = 64 * 1024;
const RING_BYTES = 4 * READ_BYTES;

/**
 * Lets a socket put what it receives into one ring of memory and hands it out from there. Node makes new memory for
 * every read otherwise, and a recording of a gigabyte leaves as much to the collector. Who gets a piece may look at it
 * until 128 KB more have come; until `isLasting` says no, pieces are memory of their own.
 */
export function receiveInRing(
  isLasting: () => boolean,
  handOut: (piece: Buffer) => void,
): OnReadOpts {
  let ring: Buffer | undefined;
  let at = 0;
  return {
    buffer: () => {
      if (isLasting()) return Buffer.allocUnsafeSlow(READ_BYTES);
      ring ??= Buffer.allocUnsafeSlow(RING_BYTES);
      if (at + READ_BYTES > RING_BYTES) at = 0;
      return ring.subarray(at, at + READ_BYTES);
    },
    callback: (length, { buffer, byteOffset }) => {
      if (buffer === ring?.buffer) at += length;
      handOut(Buffer.from(buffer, byteOffset, length));
      return true;
    },
  };
}
