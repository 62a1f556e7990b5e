import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { CipherAlgorithm } from 'ssh2';
import { expect, test } from 'vitest';
import * as z from 'zod';

import { openConnection } from '../../shared/asterisk/connection.ts';
import { createRemoteFiles, type RemoteFiles } from '../../shared/recordings/remote-files.ts';
import { createBoxFiles } from '../peers/sftp-files.ts';
import { startSftpServer } from '../peers/sftp-server.ts';

const MB = 1024 * 1024;
const BOX = fileURLToPath(new URL('../bench/sftp-box.ts', import.meta.url));
const Hello = z.object({ port: z.number() });

const content = randomBytes(6 * MB + 1);
const box = createBoxFiles();
box.put('/a.wav', content);
for (let index = 0; index < 50; index += 1) box.put(`/small/${index}.wav`, Buffer.from(`${index}`));

// Each of them treats what is received in its own way before it is decrypted.
const ciphers: CipherAlgorithm[] = [
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes256-ctr',
];

test.each(ciphers)(
  'files come over %s as they are, small ones among the pieces of a large one',
  async (cipher) => {
    const server = await startSftpServer(box, { cipher: [cipher] });
    const { files, close } = await connect(server.port);
    try {
      const reader = await files.open('/a.wav');
      const buffer = Buffer.alloc(content.length + 1);
      for (let round = 0; round < 3; round += 1) {
        const [count] = await Promise.all([reader.read(buffer, 0), readSmallOnes(files)]);
        expect(count).toBe(content.length);
        expect(buffer.subarray(0, content.length).equals(content)).toBe(true);
        buffer.fill(0);
      }
    } finally {
      close();
      server.stop();
    }
  },
);

test.each(ciphers)('what a command says over %s may be kept as it came', async (cipher) => {
  const server = await startSftpServer(box, { cipher: [cipher] });
  const { connection, close } = await connect(server.port);
  try {
    const said: Buffer[] = [];
    const channel = await connection.openExec('cat /a.wav');
    channel.on('data', (piece: Buffer) => said.push(piece));
    await once(channel, 'close');
    expect(Buffer.concat(said).equals(content)).toBe(true);
  } finally {
    close();
    server.stop();
  }
});

test.each<CipherAlgorithm>(['aes128-gcm@openssh.com', 'aes128-ctr'])(
  'what came over %s is not left to the collector of memory',
  async (cipher) => {
    const size = 64 * MB;
    const child = fork(BOX, [String(size), cipher], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [hello] = await once(child, 'message');
    const { files, close } = await connect(Hello.parse(hello).port);
    try {
      const reader = await files.open('/0.wav');
      const buffer = Buffer.alloc(8 * MB);
      await reader.read(buffer, 0);
      const before = process.memoryUsage().arrayBuffers;
      let most = 0;
      for (let at = 0; at < size; at += buffer.length) {
        expect(await reader.read(buffer, at)).toBe(buffer.length);
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      }
      expect(most / MB).toBeLessThan(2);
    } finally {
      close();
      child.kill();
    }
  },
);

/** Each opened, read and closed while the others are: their handles outlive the packets they came in. */
async function readSmallOnes(files: RemoteFiles): Promise<void> {
  const found = await files.list('/small');
  expect(found).toHaveLength(50);
  await Promise.all(
    found.map(async ({ path }) => {
      const reader = await files.open(path);
      const buffer = Buffer.alloc(8);
      const count = await reader.read(buffer, 0);
      expect(`/small/${buffer.toString('utf8', 0, count)}.wav`).toBe(path);
      await reader.close();
    }),
  );
}

async function connect(port: number) {
  const there = {
    enterpriseNumber: '0367',
    host: '127.0.0.1',
    port,
    user: 'root',
    credentials: { password: 'x' },
    hostKey: null,
  };
  const connection = await openConnection(there, Date.now() + 10_000);
  const files = createRemoteFiles(await connection.openSftp());
  return { connection, files, close: () => connection.close() };
}
