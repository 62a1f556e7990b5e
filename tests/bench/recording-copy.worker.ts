// Copies files from an SFTP server to a store as recordings-fetch does, and measures each half alone as well.
// Forked by recording-copy.ts; answers with one message.
import ssh2 from 'ssh2';

import { copyFile } from '../../shared/recordings/copy-file.ts';
import { createPartBuffers, PART_BYTES } from '../../shared/recordings/part-buffers.ts';
import { createRemoteFiles, type RemoteFiles } from '../../shared/recordings/remote-files.ts';
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
let largest = 0;
const watching = setInterval(() => {
  largest = Math.max(largest, process.memoryUsage().rss);
}, 20);

async function openFiles(): Promise<{ files: RemoteFiles; end: () => void }> {
  const client = new ssh2.Client();
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject);
    const password = process.env['SFTP_PASSWORD'] ?? '';
    client.connect({ host: '127.0.0.1', port: Number(sshPort), username: 'root', password });
  });
  const sftp = await new Promise<ssh2.SFTPWrapper>((resolve, reject) =>
    client.sftp((error, opened) => (error ? reject(error) : resolve(opened))),
  );
  return { files: createRemoteFiles(sftp), end: () => client.end() };
}

/** Files side by side, as many as one box is asked for. */
async function each(work: (path: string) => Promise<void>): Promise<number> {
  const began = performance.now();
  const waiting = paths.values();
  const next = async (): Promise<void> => {
    for (const path of waiting) await work(path);
  };
  await Promise.all(Array.from({ length: 4 }, next));
  return (size * paths.length) / 1e6 / ((performance.now() - began) / 1000);
}

const { files, end } = await openFiles();
const buffers = createPartBuffers();

const read = await each(async (path) => {
  const reader = await files.open(path);
  for (let at = 0; at < size; at += PART_BYTES) {
    const buffer = await buffers.take();
    await reader.read(buffer, at);
    buffers.release(buffer);
  }
  await reader.close();
});

const write = await each(async (path) => {
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
await store.deleteMany(paths.map((path) => `written${path}`));

globalThis.gc?.();
const base = process.memoryUsage().rss - buffers.count() * PART_BYTES;
largest = 0;
const copy = await each(async (path) => {
  const file = await files.stat(path);
  if (!file) throw new Error(`${path} is not there`);
  await copyFile({ files, store, buffers }, { file, key: `copied${path}`, object });
});
clearInterval(watching);
await store.deleteMany(paths.map((path) => `copied${path}`));
end();
process.send?.({ read, write, copy, megabytes: (largest - base) / 1024 ** 2 });
process.disconnect();
