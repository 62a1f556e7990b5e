import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const CHUNK = 64 * 1024;

/**
 * Shows what is appended to a log file from now on. Parts write to files and not to a pipe, because a broken pipe would
 * end them before they can stop properly.
 */
export function follow(file: string, write: (text: Buffer) => void): () => void {
  const input = openSync(file, 'r');
  const buffer = Buffer.alloc(CHUNK);
  let position = fstatSync(input).size;

  const readOn = (): void => {
    for (;;) {
      const length = readSync(input, buffer, 0, CHUNK, position);
      if (length === 0) return;
      position += length;
      write(Buffer.from(buffer.subarray(0, length)));
    }
  };
  const timer = setInterval(readOn, 200);
  timer.unref();
  return () => {
    clearInterval(timer);
    readOn();
    closeSync(input);
  };
}
