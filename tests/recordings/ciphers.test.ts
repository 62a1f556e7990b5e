import { randomBytes } from 'node:crypto';

import type { CipherAlgorithm } from 'ssh2';
import { expect, test } from 'vitest';

import { openConnection } from '../../shared/asterisk/connection.ts';
import { createRemoteFiles } from '../../shared/recordings/remote-files.ts';
import { createBoxFiles } from '../peers/sftp-files.ts';
import { startSftpServer } from '../peers/sftp-server.ts';

const content = randomBytes(6 * 1024 * 1024 + 1);
const box = createBoxFiles();
box.put('/a.wav', content);

// Each of them treats what is received in its own way before it is decrypted.
test.each<CipherAlgorithm>([
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes256-ctr',
])('a file comes over %s as it is', async (cipher) => {
  const server = await startSftpServer(box, { cipher: [cipher] });
  const there = {
    enterpriseNumber: '0367',
    host: '127.0.0.1',
    port: server.port,
    user: 'root',
    credentials: { password: 'x' },
    hostKey: null,
  };
  const connection = await openConnection(there, Date.now() + 10_000);
  try {
    const files = createRemoteFiles(await connection.openSftp());
    const reader = await files.open('/a.wav');
    const buffer = Buffer.alloc(content.length + 1);
    for (let round = 0; round < 3; round += 1) {
      expect(await reader.read(buffer, 0)).toBe(content.length);
      expect(buffer.subarray(0, content.length).equals(content)).toBe(true);
      buffer.fill(0);
    }
  } finally {
    connection.close();
    server.stop();
  }
});
