import { createHash } from 'node:crypto';
import path from 'node:path';

import type { CdrOffset } from './cdr.sql.ts';
import { type CdrLine, readCdrLine } from './cdr.ts';
import { EVENTS_COME_WITHIN_MS } from './late-calls.ts';
import type { RemoteFiles, RemoteReader } from './remote-files.ts';

const HEAD_BYTES = 256;
const CHUNK_BYTES = 1024 * 1024;
const LINES_AT_ONCE = 2_000;
/** A line that ends so far ahead was written under a wrong clock: waiting for its time would wait for ever. */
const ODD_CLOCK_MS = 86_400_000;

export type CdrReading = {
  lines: number;
  unreadable: number;
  withoutIds: boolean;
  /** All that is old enough was read. */
  finished: boolean;
  problem?: string;
};

type Options = {
  file: string;
  timezone: string;
  /** The time by the box's clock, as well as we know it. */
  boxNow: Date;
  stored: CdrOffset | undefined;
  /** When to stop, in ms since the epoch. */
  stopAt: number;
  /** Works lines in. Only then is it remembered that they were read. */
  work: (lines: CdrLine[]) => Promise<void>;
  save: (offset: CdrOffset) => Promise<void>;
};

/**
 * Reads the box's call list from where the last reading ended, up to the first call that ended less than ten minutes
 * ago. A list that begins otherwise than the one read before was rotated: the rest of the old one comes first.
 */
export async function readCdr(files: RemoteFiles, options: Options): Promise<CdrReading> {
  const { file, stored } = options;
  const reading: CdrReading = { lines: 0, unreadable: 0, withoutIds: false, finished: true };
  const current = await files.stat(file);
  if (!current) {
    if (!stored?.position) return reading;
    return { ...reading, problem: `${file} is not there any more` };
  }
  const offset = stored?.file === file ? stored : undefined;
  const head = await readHead(files, file, HEAD_BYTES);
  const isSame =
    !offset?.headHash ||
    (current.size >= offset.position &&
      hashOf(head.subarray(0, offset.headSize)) === offset.headHash);
  if (offset && !isSame) {
    const old = await findRotated(files, offset);
    if (old) {
      await readFrom(files, { ...options, path: old, offset }, reading);
      if (!reading.finished) return reading;
    } else {
      reading.problem = `${file} was rotated and its old part, read up to byte ${offset.position}, is not beside it`;
    }
  }
  const fresh = { file, position: 0, headSize: head.length, headHash: hashOf(head) };
  const start =
    offset && isSame ? { ...offset, headSize: head.length, headHash: hashOf(head) } : fresh;
  await readFrom(files, { ...options, path: file, offset: start }, reading);
  return reading;
}

/** `Master.csv.1`, `Master.csv-20250914` …: the one that begins as the list did. */
async function findRotated(files: RemoteFiles, offset: CdrOffset): Promise<string | undefined> {
  const { dir, base } = path.posix.parse(offset.file);
  const beside = await files.list(dir);
  const candidates = beside
    .filter(
      (one) =>
        path.posix.basename(one.path).startsWith(`${base}.`) ||
        path.posix.basename(one.path).startsWith(`${base}-`),
    )
    .filter(({ size }) => size >= offset.position)
    .toSorted((one, other) => +other.modifiedAt - +one.modifiedAt);
  for (const candidate of candidates) {
    const head = await readHead(files, candidate.path, offset.headSize);
    if (hashOf(head) === offset.headHash) return candidate.path;
  }
  return undefined;
}

async function readFrom(
  files: RemoteFiles,
  options: Options & { path: string; offset: CdrOffset },
  reading: CdrReading,
): Promise<void> {
  const { offset, boxNow, stopAt, timezone, work, save } = options;
  const reader = await files.open(options.path);
  let { position } = offset;
  let batch: CdrLine[] = [];
  const settle = async () => {
    if (batch.length > 0) await work(batch);
    batch = [];
    await save({ ...offset, position });
  };
  try {
    reading.finished = true;
    for await (const { text, bytes } of linesFrom(reader, position)) {
      const line = readCdrLine(text, { timezone });
      if (line) {
        const age = +boxNow - +line.endedAt;
        if (age < EVENTS_COME_WITHIN_MS && age > -ODD_CLOCK_MS) {
          reading.finished = false;
          break;
        }
        batch.push(line);
        reading.withoutIds ||= line.uniqueId === undefined;
        reading.lines += 1;
      } else if (text.trim() !== '') reading.unreadable += 1;
      position += bytes;
      if (batch.length < LINES_AT_ONCE) continue;
      await settle();
      if (Date.now() > stopAt) {
        reading.finished = false;
        break;
      }
    }
    await settle();
  } finally {
    await reader.close().catch(() => {});
  }
}

/** Whole lines with their length in bytes; the last one only when it is ended. */
async function* linesFrom(
  reader: RemoteReader,
  start: number,
): AsyncGenerator<{ text: string; bytes: number }> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let rest = Buffer.alloc(0);
  for (let at = start; ;) {
    const count = await reader.read(chunk, at);
    if (count === 0) return;
    at += count;
    const bytes = Buffer.concat([rest, chunk.subarray(0, count)]);
    let from = 0;
    for (let end = bytes.indexOf(10, from); end >= 0; end = bytes.indexOf(10, from)) {
      yield { text: bytes.toString('utf8', from, end), bytes: end + 1 - from };
      from = end + 1;
    }
    rest = bytes.subarray(from);
    if (count < chunk.length) return;
  }
}

async function readHead(files: RemoteFiles, file: string, bytes: number): Promise<Buffer> {
  const reader = await files.open(file);
  try {
    const head = Buffer.alloc(bytes);
    return head.subarray(0, await reader.read(head, 0));
  } finally {
    await reader.close().catch(() => {});
  }
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
