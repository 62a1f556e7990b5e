// Copies files from an SFTP server to a store as recordings-fetch does, and measures each half alone as well.
// Built and forked by recording-copy.ts; answers with one message.
import { cpus } from 'node:os';

import type { Box } from '../../shared/asterisk/box.ts';
import { type Connection, openConnection } from '../../shared/asterisk/connection.ts';
import { copyFile } from '../../shared/recordings/copy-file.ts';
import { createPartBuffers, PART_BYTES } from '../../shared/recordings/part-buffers.ts';
import { createRemoteFiles, type RemoteFiles } from '../../shared/recordings/remote-files.ts';
import { createStore } from '../../shared/recordings/store.ts';

const [sshPort = '', storePort = '', count = '1', fileCount = '1', bytes = '0', folder = '/'] =
  process.argv.slice(2);
const size = Number(bytes);
const paths = Array.from({ length: Number(fileCount) }, (_, index) => `${folder}${index}.wav`);
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

async function readOne(files: RemoteFiles, path: string): Promise<void> {
  const reader = await files.open(path);
  for (let at = 0; at < size; at += PART_BYTES) {
    const buffer = await buffers.take();
    await reader.read(buffer, at);
    buffers.release(buffer);
  }
  await reader.close();
}

async function writeOne(path: string): Promise<void> {
  const upload = await store.beginUpload(`written${path}`, object);
  const sending: Promise<void>[] = [];
  for (let number = 1, at = 0; at < size; number += 1, at += PART_BYTES) {
    const buffer = await buffers.take();
    const part = buffer.subarray(0, Math.min(PART_BYTES, size - at));
    sending.push(upload.putPart(number, part).finally(() => buffers.release(buffer)));
  }
  await Promise.all(sending);
  await upload.complete();
}

async function copyOne(files: RemoteFiles, path: string): Promise<void> {
  const file = await files.stat(path);
  if (!file) throw new Error(`${path} is not there`);
  await copyFile({ files, store, buffers }, { file, key: `copied${path}`, object });
}

const busyMs = (): number =>
  cpus().reduce((sum, { times }) => sum + times.user + times.sys + times.irq + times.nice, 0);

/** Files side by side, as many as one box is asked for. */
async function measure(move: (path: string) => Promise<void>) {
  const [began, busy] = [performance.now(), busyMs()];
  const waiting = paths.values();
  const next = async (): Promise<void> => {
    for (const path of waiting) await move(path);
  };
  await Promise.all(Array.from({ length: 4 }, next));
  const ms = performance.now() - began;
  const processors = (busyMs() - busy) / ms;
  await store.deleteMany(paths.flatMap((path) => [`written${path}`, `copied${path}`]));
  return { megabytesPerSecond: (size * paths.length) / 1e6 / (ms / 1000), processors };
}

let largest = 0;
async function measureCopy(files: RemoteFiles) {
  const watching = setInterval(() => {
    largest = Math.max(largest, process.memoryUsage.rss());
  }, 20);
  const measured = await measure((path) => copyOne(files, path));
  clearInterval(watching);
  return measured;
}

async function run(): Promise<void> {
  const box = await openBox();
  const files = createRemoteFiles(await box.openSftp());
  await store.head('nothing'); // the client is there, and no file was moved yet
  globalThis.gc?.();
  const base = process.memoryUsage.rss();
  const turns = [];
  // Each way in turn, so that whatever else this machine does hits them alike.
  for (let turn = 0; turn < Number(count); turn += 1) {
    turns.push({
      read: await measure((path) => readOne(files, path)),
      write: await measure(writeOne),
      copy: await measureCopy(files),
    });
  }
  box.close();
  process.send?.({ turns, megabytes: (largest - base) / 1024 ** 2 });
  process.disconnect();
}

void run();
