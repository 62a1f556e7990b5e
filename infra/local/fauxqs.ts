// Runs the SQS and S3 emulator on loopback, behind the front that makes up for what it lacks.
// usage: fauxqs.ts <port> <data folder> <bucket>
import { Server } from 'node:net';
import path from 'node:path';

import { startFauxqs } from 'fauxqs';

import { putFrontBefore } from './s3-front.ts';

const [port, dataFolder = '', bucket = ''] = process.argv.slice(2);

// The package listens on every interface and takes no address; this process has no other server.
// eslint-disable-next-line typescript/unbound-method -- it is called with its `this`
const { listen } = Server.prototype;
Server.prototype.listen = function listenOnLoopback(this: Server, ...parameters: unknown[]) {
  const [options, ...rest] = parameters;
  putFrontBefore(this);
  return Reflect.apply(listen, this, [Object.assign({}, options, { host: '127.0.0.1' }), ...rest]);
};

const server = await startFauxqs({
  port: Number(port),
  logger: false,
  dataDir: path.join(dataFolder, 'queues'),
  s3StorageDir: path.join(dataFolder, 'objects'),
  init: { buckets: [bucket] },
});

async function stop(): Promise<void> {
  await server.stop();
  process.exit(0);
}

process.on('SIGTERM', () => void stop());
process.on('disconnect', () => void stop());
