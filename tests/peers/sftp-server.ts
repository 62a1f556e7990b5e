import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import ssh2, { type Algorithms, type SFTPWrapper } from 'ssh2';

import { serveSftp } from './asterisk-sftp.ts';
import type { BoxFiles } from './sftp-files.ts';

/** A box that has files and nothing else, by SFTP and by `cat`, and lets everybody in. */
export async function startSftpServer(files: BoxFiles, algorithms: Algorithms = {}) {
  const hostKeys = [ssh2.utils.generateKeyPairSync('ed25519').private];
  const server = new ssh2.Server({ hostKeys, algorithms }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (context) => context.accept());
    client.on('session', (accept) => {
      const session = accept();
      session.on('sftp', (open) =>
        serveSftp(open() as unknown as SFTPWrapper, files, () => client.end()),
      );
      session.on('exec', (open, _refuse, { command }) => {
        const file = files.files.get(command.replace(/^cat /, ''));
        const content = Buffer.alloc(file?.size ?? 0);
        file?.fill(content, 0);
        open().end(content);
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, stop: () => server.close() };
}
