// Copies files from an SFTP server to a store as recordings-fetch does, and measures each half alone as well.
// Forked by recording-copy.ts; answers with one message.
import { cpus } from 'node:os';

import type { Box } from '../../shared/asterisk/box.ts';
import { type Connection, openConnection } from '../../shared/asterisk/connection.ts';
import { copyFile } from '../../shared/recordings/copy-file.ts';
import { createPartBuffers, PART_BYTES } from '../../shared/recordings/part-buffers.ts';
import { createRemoteFiles } from '../../shared/recordings/remote-files.ts';
import { createStore } from '../../shared/recordings/store.ts';

const [sshPort = '', storePort = '', count = '1', bytes = '0', folder = '/'] =
  process.argv.slice(2);
const size = Number(bytes);
const paths = Array.from({ length: Number(count) }, (_, index) => `${folder}${index}.wav`);
const object = { contentType: 'audio/wav' };
const store = createStore({
  endpoint: `http://127.0.0.1:${storePort}`,
  region: 'eu-central-1',
  bucket: 'recordings',
  accessKey: 'bench',
  secretKey: 'bench',
  pathStyle: true,
});
const buffers = createPartBuffers();
const box = await openBox();
const files = createRemoteFiles(await box.openSftp());

/** Connected as the product does it. */
function openBox(): Promise<Connection> {
  const there: Box = {
    enterpriseNumber: '0367',
    host: '127.0.0.1',
    port: Number(sshPort),
    user: 'root',
    credentials: { password: process.env['SFTP_PASSWORD'] ?? '' },
    hostKey: null,
  };
  return openConnection(there, Date.now() + 10_000);
}

/** One way of moving the files; `ms` and `busyMs` (of all processors together) add up over the rounds. */
type Way = { move: (path: string) => Promise<void>; ms: number; busyMs: number };
const way = (move: Way['move']): Way => ({ move, ms: 0, busyMs: 0 });

const read = way(async (path) => {
  const reader = await files.open(path);
  for (let at = 0; at < size; at += PART_BYTES) {
    const buffer = await buffers.take();
    await reader.read(buffer, at);
    buffers.release(buffer);
  }
  await reader.close();
});

const write = way(async (path) => {
  const upload = await store.beginUpload(`written${path}`, object);
  const sending: Promise<void>[] = [];
  for (let number = 1, at = 0; at < size; number += 1, at += PART_BYTES) {
    const buffer = await buffers.take();
    const part = buffer.subarray(0, Math.min(PART_BYTES, size - at));
    sending.push(upload.putPart(number, part).finally(() => buffers.release(buffer)));
  }
  await Promise.all(sending);
  await upload.complete();
});

let base = 0;
let largest = 0;
const copy = way(async (path) => {
  const file = await files.stat(path);
  if (!file) throw new Error(`${path} is not there`);
  await copyFile({ files, store, buffers }, { file, key: `copied${path}`, object });
});

const busyMs = (): number =>
  cpus().reduce((sum, { times }) => sum + times.user + times.sys + times.irq + times.nice, 0);

/** Files side by side, as many as one box is asked for. */
async function run(way: Way, round: string[]): Promise<void> {
  const [began, busy] = [performance.now(), busyMs()];
  const waiting = round.values();
  const next = async (): Promise<void> => {
    for (const path of waiting) await way.move(path);
  };
  await Promise.all(Array.from({ length: 4 }, next));
  way.ms += performance.now() - began;
  way.busyMs += busyMs() - busy;
  await store.deleteMany(round.flatMap((path) => [`written${path}`, `copied${path}`]));
}

async function runCopy(round: string[]): Promise<void> {
  globalThis.gc?.();
  base ||= process.memoryUsage().rss - buffers.count() * PART_BYTES;
  const watching = setInterval(() => {
    largest = Math.max(largest, process.memoryUsage().rss);
  }, 20);
  await run(copy, round);
  clearInterval(watching);
}

// Each way in turn, so that whatever else this machine does hits them alike.
const half = Math.ceil(paths.length / 2);
for (const round of [paths.slice(0, half), paths.slice(half)]) {
  await run(read, round);
  await run(write, round);
  await runCopy(round);
}

box.close();
const told = ({ ms, busyMs }: Way) => ({
  megabytesPerSecond: (size * paths.length) / 1e6 / (ms / 1000),
  processors: busyMs / ms,
});
process.send?.({
  read: told(read),
  write: told(write),
  copy: told(copy),
  megabytes: (largest - base) / 1024 ** 2,
});
process.disconnect();
