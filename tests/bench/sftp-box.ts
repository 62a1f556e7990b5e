// An SFTP server with ten files of zeros that take no room, for who measures its client. Forked; tells its port.
import type { CipherAlgorithm } from 'ssh2';

import { createBoxFiles, wavHeader } from '../peers/sftp-files.ts';
import { startSftpServer } from '../peers/sftp-server.ts';

const size = Number(process.argv[2]);
const cipher = process.argv.slice(3) as CipherAlgorithm[];
const files = createBoxFiles();
for (let index = 0; index < 10; index += 1) {
  files.putSparse(`/${index}.wav`, wavHeader(size - 44), size);
}
process.once('disconnect', () => process.exit(0));
const { port } = await startSftpServer(files, cipher.length > 0 ? { cipher } : {});
process.send?.({ port });
