import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { v7 as newUuid } from 'uuid';

import type { Pool } from '../db.ts';
import { log } from '../lambda/log.ts';
import { findKeyOwner, findRemembered, remember, type RememberedFile } from './box-files.sql.ts';
import { copyFile, FileChanged } from './copy-file.ts';
import { type Circumstances, judgeFile } from './judge-file.ts';
import {
  contentTypeOf,
  extensionOf,
  isFormat,
  keyFor,
  newFileName,
  readFileName,
  startOf,
} from './names.ts';
import type { PartBuffers } from './part-buffers.ts';
import type { RecordingOwner } from './recordings.sql.ts';
import type { RemoteFile, RemoteFiles } from './remote-files.ts';
import type { Store } from './store.ts';
import { HEADER_BYTES, repairWavHeader } from './wav.ts';

/** Per box. */
const FILES_AT_ONCE = 4;
/** Asterisk writes every two seconds while it records: what did not change for so long does not change. */
const LOOK_AGAIN_MS = 5_000;
const DAY_MS = 86_400_000;

export type FetchCounts = {
  found: number;
  stored: number;
  empty: number;
  /** Still recorded, or changed while they were copied. */
  open: number;
  failed: number;
  /** Not come to. */
  left: number;
  bytes: number;
};

type Dependencies = { db: Pool; store: Store; buffers: PartBuffers; files: RemoteFiles };

type Run = {
  owner: RecordingOwner;
  boxNow: Date;
  /** Unique ids of the channels that live; undefined when Asterisk does not say. */
  channels: ReadonlySet<string> | undefined;
  /** When to take no new file, in ms since the epoch. */
  stopAt: number;
  /** Files of this channel only. */
  uniqueId?: string | undefined;
};

/** Keys given out in this run, and to which path: files of one channel are copied side by side. */
type Keys = Map<string, string>;

/** Copies what is new and complete in a box's folder. Each file by itself: one that fails does not stop the others. */
export async function fetchFiles(
  dependencies: Dependencies,
  { listed, ...run }: Run & { listed: RemoteFile[] },
): Promise<FetchCounts & { problem: string | undefined }> {
  const { db } = dependencies;
  const { owner, stopAt, uniqueId } = run;
  const counts: FetchCounts = {
    found: 0,
    stored: 0,
    empty: 0,
    open: 0,
    failed: 0,
    left: 0,
    bytes: 0,
  };
  let problem: string | undefined;
  const named = listed.filter(
    ({ path }) =>
      contentTypeOf(extensionOf(path)) !== undefined &&
      (uniqueId === undefined || readFileName(path).uniqueId === uniqueId),
  );
  const memory = await findRemembered(
    db,
    owner.number,
    named.map(({ path }) => path),
  );
  const fresh = named
    .filter((file) => isNew(file, memory.get(file.path)) && !isPastTime(file, run))
    .toSorted((one, other) => +one.modifiedAt - +other.modifiedAt);
  counts.found = fresh.length;
  const listedAt = Date.now();
  const keys: Keys = new Map();

  const waiting = fresh.values();
  const work = async (): Promise<void> => {
    for (const file of waiting) {
      if (Date.now() > stopAt) {
        counts.left += 1;
        continue;
      }
      try {
        const done = await fetchOne(dependencies, run, {
          file,
          listedAt,
          known: memory.get(file.path),
          keys,
        });
        counts[done.is] += 1;
        counts.bytes += done.bytes;
      } catch (error) {
        if (error instanceof FileChanged) {
          counts.open += 1;
          continue;
        }
        counts.failed += 1;
        problem ??= error instanceof Error ? error.message : String(error);
        log.warn('a recording could not be copied', {
          enterprise: owner.number,
          error: error instanceof Error ? error : undefined,
        });
        // Without the connection, or the store, the others would fail the same way, one after the other.
        if (counts.failed >= FILES_AT_ONCE && counts.stored === 0) break;
      }
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, work));
  return { ...counts, problem };
}

/** A file that has another size than the one remembered was recorded on. What retention took stays away. */
function isNew(file: RemoteFile, known: RememberedFile | undefined): boolean {
  if (!known) return true;
  return known.boxSize !== file.size && known.state !== 'deleted';
}

/** What retention would take at once is not fetched: the years before a box was connected. */
function isPastTime({ modifiedAt }: RemoteFile, { owner, boxNow }: Run): boolean {
  const { retention_days: days } = owner.recordings;
  return days > 0 && +boxNow - +modifiedAt > days * DAY_MS;
}

type Task = {
  file: RemoteFile;
  listedAt: number;
  known: RememberedFile | undefined;
  keys: Keys;
};

async function fetchOne(
  dependencies: Dependencies,
  { owner, boxNow, channels }: Run,
  { file: listed, listedAt, known, keys }: Task,
): Promise<{ is: 'stored' | 'empty' | 'open'; bytes: number }> {
  const { db, files } = dependencies;
  const named = readFileName(listed.path);
  const circumstances: Circumstances = { boxNow, alive: channels?.has(named.uniqueId) };
  const file = await files.stat(listed.path);
  if (!file) return { is: 'open', bytes: 0 };
  const judgement = judgeFile(file, await readFirst(files, file), circumstances);
  if (judgement.is === 'open') return { is: 'open', bytes: 0 };
  if (judgement.is === 'truncated' && !(await standsStill(files, listed, listedAt))) {
    return { is: 'open', bytes: 0 };
  }

  const extension = extensionOf(file.path);
  const contentType = contentTypeOf(extension) ?? 'application/octet-stream';
  const durationSeconds = 'durationSeconds' in judgement ? judgement.durationSeconds : null;
  const ended = new Date(+file.modifiedAt - (durationSeconds ?? 0) * 1000);
  const startedAt = startOf(named.uniqueId, ended);
  const about = { enterpriseNumber: owner.number, uniqueId: named.uniqueId, startedAt };
  const mayKeep = known && extensionOf(known.key) === extension;
  const keyed = { ...about, extension, timezone: owner.timezone };
  const key = mayKeep ? known.key : await freeKey(db, keys, file.path, keyed);
  const wanted = isFormat(extension) ? owner.recordings.format : extension;
  const row = {
    id: known?.id ?? newUuid(),
    ...about,
    boxPath: file.path,
    boxSize: file.size,
    boxModifiedAt: file.modifiedAt,
    file: known?.file ?? newFileName(wanted),
    key,
    contentType,
    durationSeconds,
  };
  if (judgement.is === 'empty') {
    await remember(db, { ...row, state: 'empty', size: 0, sha256: null, truncated: false });
    return { is: 'empty', bytes: 0 };
  }
  const metadata = { enterprise: owner.number, 'unique-id': named.uniqueId };
  const truncated = judgement.is === 'truncated';
  const copied = await copyFile(dependencies, {
    file,
    key,
    object: { contentType, metadata },
    prepare: truncated ? (first) => repairWavHeader(first, judgement.header, file.size) : undefined,
  });
  await remember(db, { ...row, state: 'stored', ...copied, truncated });
  return { is: 'stored', bytes: copied.size };
}

async function readFirst(files: RemoteFiles, file: RemoteFile): Promise<Buffer> {
  const reader = await files.open(file.path);
  try {
    const first = Buffer.alloc(Math.min(HEADER_BYTES, file.size));
    return first.subarray(0, await reader.read(first, 0));
  } finally {
    await reader.close().catch(() => {});
  }
}

/** The clocks may be wrong; whether a file grows is seen by looking twice. */
async function standsStill(
  files: RemoteFiles,
  listed: RemoteFile,
  listedAt: number,
): Promise<boolean> {
  await sleep(Math.max(0, listedAt + LOOK_AGAIN_MS - Date.now()));
  const now = await files.stat(listed.path);
  return now?.size === listed.size && +now.modifiedAt === +listed.modifiedAt;
}

/** Several files of one channel get names of their own. */
async function freeKey(
  db: Pool,
  keys: Keys,
  path: string,
  about: Parameters<typeof keyFor>[0],
): Promise<string> {
  const plain = keyFor(about);
  const stored = await findKeyOwner(db, plain);
  const owner = keys.get(plain) ?? stored;
  const suffix = createHash('sha256').update(path).digest('hex').slice(0, 8);
  const key = owner === undefined || owner === path ? plain : keyFor({ ...about, suffix });
  keys.set(key, path);
  return key;
}
