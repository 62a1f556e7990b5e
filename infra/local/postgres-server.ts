// Runs PostgreSQL as a child and stops it, the orderly way, when told to or when the stack is gone.
// usage: postgres-server.ts <postgres binary> <data folder> <port> [<uid> <gid>]
import { spawn } from 'node:child_process';

import { MAX_CONNECTIONS } from '../connections.ts';

const [binary = '', dataFolder = '', port = '', uid, gid] = process.argv.slice(2);

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  port,
  // No socket file: it would need a folder that both users can write to.
  unix_socket_directories: '',
  max_connections: String(MAX_CONNECTIONS),
  timezone: 'UTC',
  log_timezone: 'UTC',
};

const server = spawn(
  binary,
  [
    '-D',
    dataFolder,
    ...Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ],
  {
    cwd: '/',
    stdio: ['ignore', 'inherit', 'inherit'],
    ...(uid && gid ? { uid: Number(uid), gid: Number(gid) } : {}),
  },
);

let stopping = false;
function stop(): void {
  stopping = true;
  // SIGINT is the "fast" shutdown: open sessions are cut, everything committed is kept.
  server.kill('SIGINT');
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('disconnect', stop);
server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
server.on('exit', (code) => process.exit(stopping ? 0 : (code ?? 1)));
