import { expect, test } from 'vitest';

import { createConverter } from '../../shared/recordings/convert.ts';
import { measureMp3, toMp3 } from '../../shared/recordings/mp3.ts';
import { findOwner } from '../../shared/recordings/recordings.sql.ts';
import type { Store } from '../../shared/recordings/store.ts';
import { tone } from '../peers/sftp-files.ts';
import { NUMBER, useDatabase } from '../support/database.ts';
import { FOLDER, useBox } from './world.ts';

const { db } = useDatabase();
const world = useBox(db);
const { files } = world;
const uid = `${Math.floor(Date.now() / 1000) - 3600}.1`;

async function* inPieces(bytes: Buffer, size = 10_001) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function encode(bytes: Buffer, size?: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of toMp3(inPieces(bytes, size))) pieces.push(piece);
  return Buffer.concat(pieces);
}

test('an mp3 is as long as its WAV, and an eighth of it at most, however the bytes come', async () => {
  const wav = tone(30);
  const mp3 = await encode(wav);
  expect(measureMp3(mp3)).toBeGreaterThan(29.9);
  expect(measureMp3(mp3)).toBeLessThan(30.5);
  expect(mp3.length).toBeLessThan(wav.length / 7);
  expect(await encode(wav, 777)).toEqual(mp3);
  expect(measureMp3(mp3.subarray(0, -5))).toBeUndefined();
});

const convert = async (store: Store = world.store()) => {
  const owner = await findOwner(db, NUMBER);
  if (!owner) throw new Error('no owner');
  return createConverter({ db, store })(owner, Date.now() + 60_000);
};

async function fetchOne(format: string) {
  await world.setUp({ format });
  files.put(`${FOLDER}/${uid}.wav`, tone(10));
  await world.look();
}

test('a stored WAV becomes an mp3; the original goes when the mp3 is verified, by the journal', async () => {
  await fetchOne('mp3');
  expect(await convert()).toBe(1);
  const [row] = await world.rows();
  expect(row).toMatchObject({ key: expect.stringMatching(/\.mp3$/), durationSeconds: 10 });
  expect(await world.objects()).toEqual([{ key: row?.key, size: row?.size }]);
  expect(await db`select reason, done_at is not null as done from recording_deletions`).toEqual([
    { reason: 'replaced by mp3', done: true },
  ]);
  expect(await convert()).toBe(0);
  expect(await world.look()).toMatchObject({ found: 0 });
});

test('an mp3 that the store has otherwise is not believed: the original stays', async () => {
  await fetchOne('mp3');
  const store = world.store();
  const lying: Store = {
    ...store,
    put: (key, body, object) => store.put(key, body.subarray(0, -100), object),
  };
  expect(await convert(lying)).toBe(0);
  expect(await world.rows()).toMatchObject([{ key: expect.stringMatching(/\.wav$/) }]);
  expect(await convert()).toBe(1);
  expect(await world.objects()).toHaveLength(1);
});

test('a run that dies before the original is gone is finished by the next one', async () => {
  await fetchOne('mp3');
  const dying: Store = {
    ...world.store(),
    deleteMany: async () => {
      throw new Error('killed');
    },
  };
  await convert(dying);
  expect(await world.objects()).toHaveLength(2);
  await convert();
  expect(await world.objects()).toMatchObject([{ key: expect.stringMatching(/\.mp3$/) }]);
});

test('whoever does not want mp3 keeps the WAV', async () => {
  await fetchOne('wav');
  expect(await convert()).toBe(0);
  expect(await world.rows()).toMatchObject([{ key: expect.stringMatching(/\.wav$/) }]);
});
