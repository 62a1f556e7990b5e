import { extensionOf } from './names.ts';
import type { RemoteFile } from './remote-files.ts';
import { durationOf, readWavHeader, stateOfWav, type WavHeader } from './wav.ts';

/** Nobody talks for longer; a file that stands still for so long was left behind. */
export const LONGEST_CALL_MS = 4 * 3_600_000;
/** Formats that do not say when they are complete: still for so long, and the channel gone. */
const STANDS_STILL_MS = 2 * 60_000;

export type Judgement =
  | { is: 'complete'; durationSeconds: number | null }
  /** The box died while it recorded: the samples are there, the header is to be made good. */
  | { is: 'truncated'; header: WavHeader; durationSeconds: number }
  | { is: 'empty' }
  /** Still recorded, or nobody can tell yet. */
  | { is: 'open' };

export type Circumstances = {
  /** The time by the box's clock, as well as we know it. */
  boxNow: Date;
  /** Whether the recorded channel lives; undefined when Asterisk does not say. */
  alive: boolean | undefined;
};

/** What a file is by its size, its age and its first bytes. */
export function judgeFile(
  file: RemoteFile,
  firstBytes: Buffer,
  { boxNow, alive }: Circumstances,
): Judgement {
  const age = +boxNow - +file.modifiedAt;
  const isLeft = age > LONGEST_CALL_MS && alive !== true;
  const isStill = age > STANDS_STILL_MS && (alive === false || isLeft);
  if (file.size === 0) return isStill || isLeft ? { is: 'empty' } : { is: 'open' };

  const header = ['wav', 'wav49'].includes(extensionOf(file.path))
    ? readWavHeader(firstBytes)
    : undefined;
  if (!header) return isStill ? { is: 'complete', durationSeconds: null } : { is: 'open' };
  switch (stateOfWav(header, file.size)) {
    case 'complete':
      return { is: 'complete', durationSeconds: durationOf(header, file.size) };
    case 'empty':
      return { is: 'empty' };
    case 'open': {
      if (!isLeft) return { is: 'open' };
      if (file.size <= header.dataOffset) return { is: 'empty' };
      return { is: 'truncated', header, durationSeconds: durationOf(header, file.size) };
    }
  }
}
