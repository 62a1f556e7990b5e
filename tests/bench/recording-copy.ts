import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import * as z from 'zod';

import { startBox, stopBox, whyNoBox } from '../asterisk/real-box.ts';
import { wavHeader } from '../peers/sftp-files.ts';
import { type Benchmark, type Row, verdict } from './benchmark.ts';
import { build, nodeOptions } from './build.ts';
import { median } from './figures.ts';
import { functionEnvironment } from './worker.ts';

const SIZE = 200 * 1024 * 1024;
const LEAST_SHARE = 0.8;
const MOST_MEGABYTES = 96;
const BOX = fileURLToPath(new URL('sftp-box.ts', import.meta.url));

const Port = z.object({ port: z.number() });
/** How fast, and how many processors of the machine were busy meanwhile. */
const Way = z.object({ megabytesPerSecond: z.number(), processors: z.number() });
const Turn = z.object({ read: Way, write: Way, copy: Way });
/** Megabytes of memory over what the process had before. */
const Measured = z.object({ turns: z.array(Turn), megabytes: z.number() });

export const recordingCopy: Benchmark = {
  name: 'recording-copy',
  says: 'files from an SFTP server to the store, against each half alone; all in processes of their own',
  needs: 'services',
  async run({ sqsPort, folder }, { quick, say, secondsLeft }) {
    const short = quick || secondsLeft() < 320;
    const [turnCount, count] = short ? [1, 3] : [5, 10];
    const box = await startFiles(count);
    try {
      say(`${count} files of 200 MB on ${box.what}, ${turnCount} ×`);
      const built = await build('tests/bench/recording-copy.worker.ts', folder);
      const parameters = [box.port, sqsPort, turnCount, count, SIZE, box.folder];
      const worker = fork(built, parameters.map(String), {
        execArgv: ['--expose-gc'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        env: functionEnvironment({
          NODE_OPTIONS: nodeOptions('copyNodeOptions'),
          SFTP_PASSWORD: box.password,
        }),
      });
      const [told] = await Promise.race([
        once(worker, 'message'),
        once(worker, 'exit').then(() => {
          throw new Error('the copying process ended early');
        }),
      ]);
      const { turns, megabytes } = Measured.parse(told);
      const shares = turns.map(shareOf);
      const share = median(shares);
      const row: Row = {
        what: `recording copy, ${count} × 200 MB`,
        goal: `≥ ${LEAST_SHARE * 100} % of the slower half; memory ≤ ${MOST_MEGABYTES} MB over base`,
        median: `${median(turns.map(({ copy }) => copy.megabytesPerSecond)).toFixed(0)} MB/s`,
        p95: '',
        ratio: share.toFixed(2),
        verdict: verdict(share >= LEAST_SHARE && megabytes <= MOST_MEGABYTES),
        note:
          `${box.what}: SFTP read alone ${describe(turns.map(({ read }) => read))}, S3 write alone ` +
          `${describe(turns.map(({ write }) => write))}, the copy keeps ` +
          `${median(turns.map(({ copy }) => copy.processors)).toFixed(1)} of ${cpus().length} processors busy; all ` +
          `three share them with the server and the store. Medians of ${turns.length} turns, shares of ` +
          `${Math.min(...shares).toFixed(2)} to ${Math.max(...shares).toFixed(2)}; memory +${megabytes.toFixed(0)} MB`,
      };
      return [row];
    } finally {
      await box.stop();
    }
  },
};

const shareOf = ({ read, write, copy }: z.output<typeof Turn>): number =>
  copy.megabytesPerSecond / Math.min(read.megabytesPerSecond, write.megabytesPerSecond);

function describe(ways: z.output<typeof Way>[]): string {
  const speed = median(ways.map(({ megabytesPerSecond }) => megabytesPerSecond));
  const processors = median(ways.map((way) => way.processors));
  return `${speed.toFixed(0)} MB/s (${processors.toFixed(1)} processors)`;
}

type Files = {
  what: string;
  port: number;
  folder: string;
  password: string;
  stop(): Promise<void>;
};

/** OpenSSH where it can be had: the simulated box takes more processor time for the same bytes than all the rest. */
async function startFiles(count: number): Promise<Files> {
  if ((await whyNoBox()) !== undefined) return startSimulated();
  const box = await startBox();
  const folder = '/var/spool/asterisk/monitor';
  const files = Array.from({ length: count }, (_, index) =>
    path.join(box.folder, 'root', folder, `bench-${index}.wav`),
  );
  for (const file of files) {
    writeFileSync(file, wavHeader(SIZE - 44));
    truncateSync(file, SIZE);
  }
  return {
    what: 'OpenSSH',
    port: box.sshPort,
    folder: `${folder}/bench-`,
    password: box.password,
    stop: async () => {
      for (const file of files) rmSync(file);
      await stopBox(box);
    },
  };
}

async function startSimulated(): Promise<Files> {
  const box = fork(BOX, [String(SIZE)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [hello] = await once(box, 'message');
  const { port } = Port.parse(hello);
  const stop = async () => void box.kill();
  return { what: 'the simulated box', port, folder: '/', password: 'x', stop };
}
