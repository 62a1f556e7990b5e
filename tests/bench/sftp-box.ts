// An SFTP server with ten files of zeros that take no room. Forked by recording-copy.ts; tells its port.
import ssh2, { type SFTPWrapper } from 'ssh2';

import { serveSftp } from '../peers/asterisk-sftp.ts';
import { createBoxFiles, wavHeader } from '../peers/sftp-files.ts';

const size = Number(process.argv[2]);
const files = createBoxFiles();
for (let index = 0; index < 10; index += 1) {
  files.putSparse(`/${index}.wav`, wavHeader(size - 44), size);
}
const hostKeys = [ssh2.utils.generateKeyPairSync('ed25519').private];
const server = new ssh2.Server({ hostKeys }, (client) => {
  client.on('error', () => {});
  client.on('authentication', (context) => context.accept());
  client.on('session', (accept) => {
    accept().on('sftp', (open) =>
      serveSftp(open() as unknown as SFTPWrapper, files, () => client.end()),
    );
  });
});
process.once('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' && address ? address.port : 0 });
});
