import { readChannels } from '../asterisk/answers.ts';
import { AsteriskError } from '../asterisk/asterisk-error.ts';
import type { Box } from '../asterisk/box.ts';
import { listChannels } from '../asterisk/commands.ts';
import type { Pool as AsteriskPool } from '../asterisk/pool.ts';
import type { Pool } from '../db.ts';
import { log } from '../lambda/log.ts';
import { report } from '../lambda/report.ts';
import type { Counts } from '../lambda/schedule.ts';
import { saveLook } from './box-files.sql.ts';
import { loadOffset, saveOffset } from './cdr.sql.ts';
import { clearBox } from './clear-box.ts';
import { fetchFiles } from './fetch-files.ts';
import type { createLateCalls } from './late-calls.ts';
import type { RecordingsMessage } from './messages.ts';
import type { PartBuffers } from './part-buffers.ts';
import { readCdr } from './read-cdr.ts';
import { findOwner, type RecordingOwner } from './recordings.sql.ts';
import { createRemoteFiles, type RemoteFile, type RemoteFiles } from './remote-files.ts';
import type { Store } from './store.ts';

type Dependencies = {
  db: Pool;
  store: Store;
  buffers: PartBuffers;
  asterisk: Pick<AsteriskPool, 'sftp' | 'run'>;
  /** @throws AsteriskError no box is configured */
  boxOf: (enterpriseNumber: string) => Promise<Box>;
  lateCalls: ReturnType<typeof createLateCalls>;
  tie: (enterpriseNumber: string) => Promise<number>;
  /** Makes mp3 of what is to be mp3, until that moment. */
  convert?: (owner: RecordingOwner, stopAt: number) => Promise<number>;
  clock?: () => Date;
  /** Of one look, all in all. Below the function's own limit. */
  limitMs?: number;
};

/** What is begun must end before the limit: no new file is taken so long before it. */
const LAST_FILE_MS = 30_000;
const LIMIT_MS = 290_000;
const CHANNELS_MS = 10_000;
/** `monitor/2025/09/14` */
const FOLDER_DEPTH = 3;

/**
 * One look at one box: copies the recordings that are complete, reads its list of calls, makes the calls that never
 * arrived, ties all to all. A box that cannot be reached is a stored result; what was not come to is left for the next
 * look. May end at any moment and be begun again.
 */
export function createLook(dependencies: Dependencies) {
  const { db, store, buffers, asterisk, boxOf, lateCalls, tie } = dependencies;
  const { convert, clock = () => new Date(), limitMs = LIMIT_MS } = dependencies;

  return async function look({ enterpriseNumber, uniqueId }: RecordingsMessage): Promise<Counts> {
    const owner = await findOwner(db, enterpriseNumber);
    if (!owner?.active || !owner.copy) return {};
    const deadline = Date.now() + limitMs;
    const stopAt = deadline - Math.min(LAST_FILE_MS, limitMs / 2);
    const seen: Seen = { reached: false, counts: {}, problems: [], cdrWithoutIds: undefined };
    try {
      const box = await boxOf(enterpriseNumber);
      const channels = await channelsOf(box);
      await asterisk.sftp(
        box,
        async (sftp) => {
          seen.reached = true;
          const files = createRemoteFiles(sftp);
          await visit(files, { owner, uniqueId, channels, stopAt }, seen);
        },
        { deadline },
      );
    } catch (error) {
      seen.problems.push(sayWhy(error));
      log.warn('a box could not be looked through', {
        enterprise: enterpriseNumber,
        error: error instanceof Error ? error : undefined,
      });
    }
    // What came over before the connection broke is there.
    const made = await lateCalls.makeOfRecordings(
      { number: owner.number, timezone: owner.timezone },
      clock(),
    );
    seen.counts['callsOfRecordings'] = made;
    seen.counts['tied'] = await tie(enterpriseNumber);
    if (convert) seen.counts['converted'] = await convert(owner, stopAt);
    if (uniqueId === undefined) {
      const { reached, counts, problems, cdrWithoutIds } = seen;
      const problem = problems.length > 0 ? problems.join('; ').slice(0, 1_000) : null;
      await saveLook(db, { enterpriseNumber, reached, problem, counts, cdrWithoutIds });
    }
    return seen.counts;
  };

  type Seen = {
    reached: boolean;
    counts: Counts;
    problems: string[];
    cdrWithoutIds: boolean | undefined;
  };
  type Visit = {
    owner: RecordingOwner;
    uniqueId: string | undefined;
    channels: ReadonlySet<string> | undefined;
    stopAt: number;
  };

  async function visit(files: RemoteFiles, run: Visit, seen: Seen): Promise<void> {
    const { owner, uniqueId, stopAt } = run;
    const { folder, cdr_file: cdrFile } = owner.recordings;
    const listed = await listFiles(files, folder, uniqueId);
    if (!listed) seen.problems.push(`${folder} is not there`);
    const cdr = uniqueId === undefined ? await files.stat(cdrFile) : undefined;
    const boxNow = latest([
      clock(),
      ...(listed ?? []).map(({ modifiedAt }) => modifiedAt),
      ...(cdr ? [cdr.modifiedAt] : []),
    ]);

    const fetched = await fetchFiles(
      { db, store, buffers, files },
      { ...run, boxNow, listed: listed ?? [] },
    );
    const { problem, ...counts } = fetched;
    Object.assign(seen.counts, counts);
    if (problem) seen.problems.push(problem);
    if (uniqueId !== undefined) return;

    seen.counts['clearedFromBox'] = await clearBox(
      { db, store, files },
      { owner, listed: listed ?? [], stopAt },
    );
    const { number, timezone } = owner;
    let made = 0;
    const reading = await readCdr(files, {
      file: cdrFile,
      timezone,
      boxNow,
      stored: await loadOffset(db, number),
      stopAt,
      work: async (lines) => {
        made += await lateCalls.makeOfCdr({ number, timezone }, lines);
      },
      save: (offset) => saveOffset(db, number, offset),
    });
    seen.counts['cdrLines'] = reading.lines;
    seen.counts['cdrUnreadable'] = reading.unreadable;
    seen.counts['callsOfCdr'] = made;
    if (reading.lines > 0) seen.cdrWithoutIds = reading.withoutIds;
    if (reading.problem) seen.problems.push(reading.problem);
  }

  /** Undefined when the folder is not there. Of one channel: without a listing, where its name is the usual one. */
  async function listFiles(
    files: RemoteFiles,
    folder: string,
    uniqueId: string | undefined,
  ): Promise<RemoteFile[] | undefined> {
    if (uniqueId !== undefined) {
      const file = await files.stat(`${folder}/${uniqueId}.wav`);
      if (file) return [file];
    }
    try {
      return await files.list(folder, { depth: FOLDER_DEPTH });
    } catch (error) {
      if (await files.stat(folder)) throw error;
      return undefined;
    }
  }

  async function channelsOf(box: Box): Promise<ReadonlySet<string> | undefined> {
    try {
      const printed = await asterisk.run(box, [listChannels()], {
        deadline: Date.now() + CHANNELS_MS,
      });
      return new Set(readChannels(printed).map(({ uniqueId }) => uniqueId));
    } catch (error) {
      // Asterisk may be down; its files are there all the same. That nobody lets us in is said by SFTP.
      if (error instanceof AsteriskError) return undefined;
      throw error;
    }
  }

  function sayWhy(error: unknown): string {
    if (error instanceof AsteriskError) return error.message;
    void report('a look at a box failed', error);
    return error instanceof Error ? error.message : String(error);
  }
}

function latest(moments: Date[]): Date {
  return moments.reduce((one, other) => (other > one ? other : one));
}
