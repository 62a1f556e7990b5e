import { createHash } from 'node:crypto';

import type { Pool } from '../db.ts';
import { report } from '../lambda/report.ts';
import {
  listReplaced,
  listWavs,
  noteMp3Problem,
  replaceByMp3,
  type StoredWav,
} from './convert.sql.ts';
import { finishDeletion, noteProblem, planDeletion } from './deletions.sql.ts';
import { measureMp3, NotConvertible, toMp3 } from './mp3.ts';
import type { RecordingOwner } from './recordings.sql.ts';
import type { Store } from './store.ts';

const AT_ONCE = 100;
/** Encoding is at least so many times faster than talking; a recording that would not fit is left for the next run. */
const SPEED = 40;
/** An hour is 7 MB: this is the longest that is held in memory, and below one PUT. */
const LONGEST_SECONDS = 3 * 3600;
const TOLERANCE_SECONDS = 1;

/**
 * Makes mp3 of stored WAVs, where the enterprise wants them. The mp3 is read back from the store, must be the one that
 * was sent and as long as the original; then the row names it, and only then the original goes, by the journal.
 */
export function createConverter({ db, store }: { db: Pool; store: Store }) {
  return async function convert(owner: RecordingOwner, stopAt: number): Promise<number> {
    await deleteReplaced(owner.number);
    if (owner.recordings.format !== 'mp3') return 0;
    let converted = 0;
    for (const wav of await listWavs(db, owner.number, AT_ONCE)) {
      const seconds = wav.durationSeconds ?? 0;
      if (seconds > LONGEST_SECONDS) {
        await noteMp3Problem(db, wav.id, 'longer than three hours');
        continue;
      }
      if (Date.now() + (seconds / SPEED) * 1000 > stopAt) break;
      try {
        await convertOne(owner.number, wav);
        converted += 1;
      } catch (error) {
        if (error instanceof NotConvertible) await noteMp3Problem(db, wav.id, error.message);
        else await report('a recording could not become an mp3', error, { recordingId: wav.id });
      }
    }
    return converted;
  };

  async function convertOne(enterpriseNumber: string, wav: StoredWav): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of toMp3(await store.get(wav.key))) pieces.push(piece);
    const mp3 = Buffer.concat(pieces);
    const key = wav.key.replace(/\.[a-z0-9]+$/, '.mp3');
    const metadata = { enterprise: enterpriseNumber, 'unique-id': wav.uniqueId };
    await store.put(key, mp3, { contentType: 'audio/mpeg', metadata });
    await verify(key, mp3, wav);

    const journal = await planDeletion(db, {
      recordingId: wav.id,
      enterpriseNumber,
      place: 'store',
      name: wav.key,
      size: wav.size,
      reason: 'replaced by mp3',
    });
    const sha256 = createHash('sha256').update(mp3).digest('hex');
    const replaced = { id: wav.id, from: wav.key, to: key, size: mp3.length, sha256 };
    if (await replaceByMp3(db, replaced)) await deleteOriginal({ id: journal, name: wav.key });
  }

  /** @throws Error the store has something else; NotConvertible the mp3 is not as long as the original */
  async function verify(key: string, sent: Buffer, { durationSeconds }: StoredWav): Promise<void> {
    const stored: Uint8Array[] = [];
    for await (const piece of await store.get(key)) stored.push(piece);
    if (!Buffer.concat(stored).equals(sent)) throw new Error(`the store has another ${key}`);
    const seconds = measureMp3(sent);
    if (seconds === undefined) throw new NotConvertible('the encoder made no whole frames');
    if (durationSeconds !== null && Math.abs(seconds - durationSeconds) > TOLERANCE_SECONDS) {
      throw new NotConvertible(`${seconds.toFixed(1)} of ${durationSeconds.toFixed(1)} seconds`);
    }
  }

  async function deleteReplaced(enterpriseNumber: string): Promise<void> {
    for (const original of await listReplaced(db, enterpriseNumber)) await deleteOriginal(original);
  }

  async function deleteOriginal({ id, name }: { id: string; name: string }): Promise<void> {
    const [refused] = await store.deleteMany([name]);
    if (refused) await noteProblem(db, id, refused.problem);
    else await finishDeletion(db, id);
  }
}
