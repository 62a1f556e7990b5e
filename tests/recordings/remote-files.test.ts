import { EventEmitter } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { SFTPWrapper, Stats } from 'ssh2';
import { expect, test } from 'vitest';

import { createRemoteFiles } from '../../shared/recordings/remote-files.ts';

type Answer = (error: Error | undefined, stats: Stats) => void;

/** A session with a box; `answer` as the server would. */
function session(answer: (done: Answer) => void) {
  const sftp = new EventEmitter() as SFTPWrapper;
  sftp.stat = (_path: string, done: Answer) => answer(done);
  return { sftp, files: createRemoteFiles(sftp) };
}

const answered = (done: Answer) =>
  setImmediate(done, undefined, { size: 3, mtime: 0 } as unknown as Stats);

test('a cut connection ends what is under way and what comes after', async () => {
  const { sftp, files } = session(() => {});
  const underWay = files.stat('/a.wav');
  sftp.emit('close');
  await expect(underWay).rejects.toThrow('the connection to the box was cut');
  await expect(files.stat('/b.wav')).rejects.toThrow('the connection to the box was cut');
});

test('nothing is kept of what was answered', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { files } = session(answered);
  const heapAfter = async (count: number) => {
    for (let index = 0; index < count; index += 100)
      await Promise.all(Array.from({ length: 100 }, () => files.stat('/a.wav')));
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await heapAfter(1000);
  const after = await heapAfter(50_000);
  expect((after - before) / 50_000).toBeLessThan(20); // bytes per request
});
