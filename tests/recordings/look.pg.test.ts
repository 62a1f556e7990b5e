import { createHash } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { PART_BYTES } from '../../shared/recordings/part-buffers.ts';
import type { Store } from '../../shared/recordings/store.ts';
import { tone, wavHeader } from '../peers/sftp-files.ts';
import { NUMBER, useDatabase } from '../support/database.ts';
import { FOLDER, useBox } from './world.ts';

const { db } = useDatabase();
const world = useBox(db);
const { files } = world;

const SECOND = Math.floor(Date.now() / 1000) - 3600;
const uid = (serial: number) => `${SECOND}.${serial}`;
const wav = (serial: number) => `${FOLDER}/${uid(serial)}.wav`;
const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const HOURS_5 = 5 * 3600;

describe('a file is copied', () => {
  test('when it is complete: as it is, under its key, with its hash and length', async () => {
    const bytes = tone(12);
    files.put(wav(1), bytes, { ageSeconds: 60 });
    expect(await world.look()).toMatchObject({ stored: 1, failed: 0 });
    const [row] = await world.rows();
    expect(row).toMatchObject({
      state: 'stored',
      key: expect.stringMatching(
        new RegExp(`^call-recordings/\\d{4}/\\d\\d/\\d\\d/0367/call_${uid(1)}\\.wav$`),
      ),
      size: bytes.length,
      sha256: hashOf(bytes),
      durationSeconds: 12,
      truncated: false,
    });
    expect(await world.object(row?.key ?? '')).toEqual(bytes);
    expect(await world.store().head(row?.key ?? '')).toMatchObject({ contentType: 'audio/wav' });
  });

  test('once, however often it is looked', async () => {
    files.put(wav(1), tone(2));
    await world.look();
    files.fault({ cutAt: 'open' }); // nobody opens it any more
    expect(await world.look()).toMatchObject({ found: 0 });
    expect(await world.objects()).toHaveLength(1);
  });

  test('in parts when it is larger than one', async () => {
    const bytes = Buffer.concat([tone(0), Buffer.alloc(PART_BYTES * 2 + 123, 7)]);
    wavHeader(bytes.length - 44).copy(bytes);
    files.put(wav(1), bytes);
    await world.look();
    const [row] = await world.rows();
    expect(row).toMatchObject({ size: bytes.length, sha256: hashOf(bytes) });
    expect(hashOf(await world.object(row?.key ?? ''))).toBe(hashOf(bytes));
  });

  test('by the date of the call on the clock of the enterprise', async () => {
    // 21:30 UTC is half past midnight of the next day in Minsk.
    await world.setUp({ retention_days: 0 });
    files.put(`${FOLDER}/1757885400.7.wav`, tone(1));
    await world.look();
    expect(await world.rows()).toMatchObject([
      { key: 'call-recordings/2025/09/15/0367/call_1757885400.7.wav' },
    ]);
  });

  test('from the folders of a day too; what is no recording stays', async () => {
    files.put(`${FOLDER}/2025/09/14/${uid(1)}.wav`, tone(1));
    files.put(`${FOLDER}/notes.txt`, Buffer.from('hello'), { ageSeconds: HOURS_5 });
    expect(await world.look()).toMatchObject({ found: 1, stored: 1 });
  });

  test('under names of their own when a channel has several', async () => {
    files.put(wav(1), tone(1));
    files.put(`${FOLDER}/in-${uid(1)}.wav`, tone(2));
    await world.look();
    const keys = (await world.objects()).map(({ key }) => key);
    expect(new Set(keys).size).toBe(2);
    expect(keys.every((key) => key.includes(`call_${uid(1)}`))).toBe(true);
  });

  test('at once, when its call has just ended', async () => {
    files.put(wav(1), tone(1));
    files.put(wav(2), tone(1));
    expect(await world.look({ uniqueId: uid(2) })).toMatchObject({ stored: 1 });
    expect(await world.rows()).toMatchObject([{ boxPath: wav(2) }]);
  });
});

describe('a file is left alone', () => {
  test('while it is recorded, and copied whole when it is closed', async () => {
    files.put(wav(1), tone(4, 440, { closed: false }));
    expect(await world.look()).toMatchObject({ open: 1, stored: 0 });
    files.append(wav(1), tone(2).subarray(44));
    expect(await world.look()).toMatchObject({ open: 1, stored: 0 });
    files.close(wav(1));
    expect(await world.look()).toMatchObject({ stored: 1 });
    expect(await world.rows()).toMatchObject([{ durationSeconds: 6, truncated: false }]);
  });

  test('when it grows while it is copied; the next look takes it whole', async () => {
    files.put(wav(1), tone(4));
    const store = world.store();
    const growing: Store = {
      ...store,
      async put(...parameters) {
        await store.put(...parameters);
        files.append(wav(1), tone(2).subarray(44));
        files.close(wav(1));
      },
    };
    expect(await world.look({ store: growing })).toMatchObject({ open: 1, stored: 0 });
    expect(await world.rows()).toEqual([]);
    expect(await world.look()).toMatchObject({ stored: 1 });
    expect(await world.rows()).toMatchObject([{ durationSeconds: 6 }]);
    expect(await world.objects()).toHaveLength(1);
  });

  test('when it is empty: noted, not uploaded', async () => {
    files.put(wav(1), wavHeader(0));
    files.put(wav(2), Buffer.alloc(0), { ageSeconds: HOURS_5 });
    expect(await world.look()).toMatchObject({ empty: 2 });
    expect(await world.rows()).toMatchObject([{ state: 'empty' }, { state: 'empty' }]);
    expect(await world.objects()).toEqual([]);
    expect(await world.look()).toMatchObject({ found: 0 });
  });

  test('when retention would take it at once', async () => {
    await world.setUp({ retention_days: 10 });
    files.put(wav(1), tone(1), { ageSeconds: 11 * 86_400 });
    expect(await world.look()).toMatchObject({ found: 0 });
  });

  test.each([
    ['behind by 6 hours', -6 * 3600_000],
    ['ahead by 6 hours', 6 * 3600_000],
  ])('while it is recorded, though the clock of the box is %s', async (_what, skew) => {
    files.skew(skew);
    files.put(wav(1), tone(4, 440, { closed: false }));
    const looking = world.look();
    // It grows every two seconds while somebody talks.
    const growing = setInterval(() => files.append(wav(1), tone(0.1).subarray(44)), 1000);
    expect(await looking).toMatchObject({ open: 1, stored: 0 });
    clearInterval(growing);
    files.close(wav(1));
    expect(await world.look()).toMatchObject({ stored: 1 });
  });
});

test('what a box that died left open is copied with its header made good, and marked', async () => {
  const bytes = tone(5, 440, { closed: false });
  files.put(wav(1), bytes, { ageSeconds: HOURS_5 });
  expect(await world.look()).toMatchObject({ stored: 1 });
  const [row] = await world.rows();
  expect(row).toMatchObject({ truncated: true, durationSeconds: 5 });
  const stored = await world.object(row?.key ?? '');
  expect(stored.subarray(0, 44)).toEqual(wavHeader(bytes.length - 44));
  expect(stored.subarray(44)).toEqual(bytes.subarray(44));
});

test('a full disk leaves files that are never closed: what there is, is kept', async () => {
  files.put(wav(1), tone(3, 440, { closed: false }), { ageSeconds: HOURS_5 });
  files.fillDisk(true);
  files.append(wav(1), tone(1));
  files.close(wav(1));
  await world.setUp({ delete_after_upload: true });
  expect(await world.look()).toMatchObject({ stored: 1, clearedFromBox: 1 });
  expect(await world.rows()).toMatchObject([{ truncated: true, durationSeconds: 3 }]);
});

describe('the connection is cut', () => {
  const big = () => {
    const bytes = Buffer.alloc(PART_BYTES + 1_000_000, 3);
    wavHeader(bytes.length - 44).copy(bytes);
    return bytes;
  };
  test.each([
    ['while the folder is read', { cutAt: 'readdir' }],
    ['before a file is looked at', { cutAt: 'stat', cutAtCount: 2 }],
    ['when a file is opened', { cutAt: 'open' }],
    ['when it is opened to be copied', { cutAt: 'open', cutAtCount: 2 }],
    ['in the first bytes', { cutAt: 'read', cutAtCount: 2 }],
    ['in the middle of the first part', { cutAfterBytes: 500_000 }],
    ['in the second part', { cutAfterBytes: PART_BYTES + 200_000 }],
    ['when it is closed', { cutAt: 'close' }],
    ['when it is closed after copying', { cutAt: 'close', cutAtCount: 2 }],
    ['when it is deleted', { cutAt: 'unlink' }],
  ] as const)('%s: the next look ends with the file in the store once', async (_when, fault) => {
    const bytes = big();
    files.put(wav(1), bytes);
    await world.setUp({ delete_after_upload: true });
    files.fault(fault);
    await world.look();
    expect(files.files.has(wav(1))).toBe(true);
    files.fault({});
    await world.look();
    const rows = await world.rows();
    expect(rows).toMatchObject([{ state: 'stored', sha256: hashOf(bytes) }]);
    expect(await world.objects()).toHaveLength(1);
    expect(hashOf(await world.object(rows[0]?.key ?? ''))).toBe(hashOf(bytes));
    expect(files.removed).toEqual([wav(1)]);
    expect(await db`select place, done_at is not null as done from recording_deletions`).toEqual([
      { place: 'box', done: true },
    ]);
  });
});

describe('the store refuses', () => {
  const failing = (method: keyof Store, times: number): Store => {
    const store = world.store();
    let left = times;
    const original = store[method] as (...parameters: unknown[]) => unknown;
    return {
      ...store,
      [method]: async (...parameters: unknown[]) => {
        if (left > 0) {
          left -= 1;
          throw new Error('SlowDown');
        }
        return original(...parameters);
      },
    };
  };

  test.each(['put', 'head'] as const)(
    'a %s: the file stays, and comes with the next look',
    async (method) => {
      files.put(wav(1), tone(2));
      await world.setUp({ delete_after_upload: true });
      expect(await world.look({ store: failing(method, 1) })).toMatchObject({ failed: 1 });
      expect(files.removed).toEqual([]);
      expect(await world.problem()).toContain('SlowDown');
      expect(await world.look()).toMatchObject({ stored: 1, clearedFromBox: 1 });
      expect(await world.objects()).toHaveLength(1);
      expect(await world.problem()).toBeNull();
    },
  );

  test('a part: the upload is aborted, the file stays, and comes with the next look', async () => {
    const bytes = Buffer.alloc(PART_BYTES * 3, 5);
    wavHeader(bytes.length - 44).copy(bytes);
    files.put(wav(1), bytes);
    const store = world.store();
    let aborted = 0;
    const refusing: Store = {
      ...store,
      async beginUpload(...parameters) {
        const upload = await store.beginUpload(...parameters);
        return {
          ...upload,
          putPart: async (number, part) => {
            if (number === 2) throw new Error('EntityTooSmall');
            await upload.putPart(number, part);
          },
          abort: async () => {
            aborted += 1;
            await upload.abort();
          },
        };
      },
    };
    expect(await world.look({ store: refusing })).toMatchObject({ failed: 1, stored: 0 });
    expect(aborted).toBe(1);
    expect(await world.objects()).toEqual([]);
    expect(await world.look()).toMatchObject({ stored: 1 });
    expect(await world.rows()).toMatchObject([{ sha256: hashOf(bytes) }]);
  });

  test('the verification: an object of another size is not believed', async () => {
    files.put(wav(1), tone(2));
    await world.setUp({ delete_after_upload: true });
    const store = { ...world.store(), head: async () => ({ size: 7 }) };
    expect(await world.look({ store })).toMatchObject({ failed: 1 });
    expect(await world.rows()).toEqual([]);
    expect(files.files.has(wav(1))).toBe(true);
  });
});

describe('files go from the box', () => {
  test('never, unless the enterprise says so', async () => {
    files.put(wav(1), tone(1));
    await world.look();
    expect(files.removed).toEqual([]);
  });

  test('only while their copy is in the store', async () => {
    files.put(wav(1), tone(1));
    await world.look();
    const [row] = await world.rows();
    await world.store().deleteMany([row?.key ?? '']);
    await world.setUp({ delete_after_upload: true });
    expect(await world.look()).toMatchObject({ clearedFromBox: 0 });
    expect(files.removed).toEqual([]);
  });

  test('not when the box does not allow it; the rest goes on', async () => {
    files.put(wav(1), tone(1));
    await world.setUp({ delete_after_upload: true });
    files.fault({ readOnly: true });
    expect(await world.look()).toMatchObject({ stored: 1 });
    expect(await world.problem()).toContain('Permission denied');
    expect(await world.rows()).toMatchObject([{ state: 'stored', boxDeletedAt: null }]);
  });
});

test('an unreachable box is a stored result', async () => {
  world.box.account(NUMBER).mode = 'refuse_auth';
  await db`update enterprises set ssh_credentials = null where number = ${NUMBER}`;
  await expect(world.look()).resolves.toBeDefined();
  expect(await world.problem()).toBeTruthy();
});

test('no new file is taken when the time is over; the next look goes on', async () => {
  for (let serial = 1; serial <= 8; serial += 1) files.put(wav(serial), tone(1));
  const first = await world.look({ limitMs: 0 });
  expect(first).not.toMatchObject({ stored: 8 });
  expect(await world.look()).toMatchObject({ failed: 0 });
  expect(await world.objects()).toHaveLength(8);
});
