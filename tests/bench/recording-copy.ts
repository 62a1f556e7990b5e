import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import * as z from 'zod';

import { type Benchmark, type Row, verdict } from './benchmark.ts';

const SIZE = 200 * 1024 * 1024;
const LEAST_SHARE = 0.8;
const MOST_MEGABYTES = 96;
const WORKER = fileURLToPath(new URL('recording-copy.worker.ts', import.meta.url));
const BOX = fileURLToPath(new URL('sftp-box.ts', import.meta.url));

const Port = z.object({ port: z.number() });
/** Megabytes per second; and of memory over what the process had before. */
const Measured = z.object({
  read: z.number(),
  write: z.number(),
  copy: z.number(),
  megabytes: z.number(),
});

export const recordingCopy: Benchmark = {
  name: 'recording-copy',
  says: 'files from an SFTP server to the store, against each half alone; all in processes of their own',
  needs: 'services',
  async run({ sqsPort }, { quick, say, secondsLeft }) {
    const files = quick || secondsLeft() < 200 ? 3 : 10;
    const box = fork(BOX, [String(SIZE)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    try {
      const [hello] = await once(box, 'message');
      const { port } = Port.parse(hello);
      say(`${files} files of 200 MB`);
      const worker = fork(WORKER, [port, sqsPort, files, SIZE].map(String), {
        execArgv: ['--expose-gc'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      const [told] = await Promise.race([
        once(worker, 'message'),
        once(worker, 'exit').then(() => {
          throw new Error('the copying process ended early');
        }),
      ]);
      const { read, write, copy, megabytes } = Measured.parse(told);
      const share = copy / Math.min(read, write);
      const row: Row = {
        what: `recording copy, ${files} × 200 MB`,
        goal: `≥ ${LEAST_SHARE * 100} % of the slower half; memory ≤ ${MOST_MEGABYTES} MB over base`,
        median: `${copy.toFixed(0)} MB/s`,
        p95: '',
        ratio: share.toFixed(2),
        verdict: verdict(share >= LEAST_SHARE && megabytes <= MOST_MEGABYTES),
        note: `SFTP read alone ${read.toFixed(0)} MB/s, S3 write alone ${write.toFixed(0)} MB/s, memory +${megabytes.toFixed(0)} MB`,
      };
      return [row];
    } finally {
      box.kill();
    }
  },
};
