import { describe, expect, test } from 'vitest';

import { createCleanup } from '../../shared/recordings/cleanup.ts';
import { createOrphanSearch } from '../../shared/recordings/orphans.ts';
import { tone } from '../peers/sftp-files.ts';
import { NUMBER, useDatabase } from '../support/database.ts';
import { useRecordings } from './stored.ts';

const { db } = useDatabase();
const { store, askAsAdmin, insertRecording } = useRecordings(db, 'retention');

describe('retention', () => {
  const clean = (options = {}, dependencies = {}) =>
    createCleanup({ db, store, ...dependencies })(options);
  const states = () => db`select state, hold from recordings order by started_at`;

  test('deletes what is past its days, journals it, keeps what is on hold', async () => {
    const old = await insertRecording({ daysAgo: 91 });
    await insertRecording({ daysAgo: 92, hold: true });
    await insertRecording({ daysAgo: 89 });
    const all = { enterprises: [NUMBER] };
    expect(await clean({ ...all, dryRun: true })).toMatchObject({
      [`would delete of ${NUMBER}`]: 1,
      deleted: 0,
    });
    expect(await store.head(old.key)).toBeDefined();
    expect(await clean(all)).toMatchObject({ deleted: 1, failed: 0 });
    expect(await store.head(old.key)).toBeUndefined();
    expect(await states()).toMatchObject([
      { state: 'stored', hold: true },
      { state: 'deleted' },
      { state: 'stored' },
    ]);
    expect(
      await db`select place, name, reason, done_at is not null as done from recording_deletions`,
    ).toEqual([{ place: 'store', name: old.key, reason: 'retention', done: true }]);
    expect(await clean(all)).toMatchObject({ deleted: 0 });
  });

  test('0 days keep for ever; the hour is the enterprise’s', async () => {
    await insertRecording({ daysAgo: 5000 });
    await db`update enterprises set recordings = '{"retention_days": 0}'`;
    expect(await clean({ enterprises: [NUMBER] })).toMatchObject({ deleted: 0 });
    await db`update enterprises set recordings = '{}'`;
    // 12:00 UTC is 15 h in Minsk, 00:30 UTC is 3 h.
    expect(await clean({}, { clock: () => new Date('2030-05-01T12:00:00Z') })).toMatchObject({
      enterprises: 0,
    });
    expect(await clean({}, { clock: () => new Date('2030-05-01T00:30:00Z') })).toMatchObject({
      deleted: 1,
    });
  });

  test('goes on where it died, at whatever line', async () => {
    for (let count = 0; count < 5; count += 1) await insertRecording({ daysAgo: 100 });
    const dying = {
      ...store,
      deleteMany: async (keys: string[]) => {
        await store.deleteMany(keys);
        throw new Error('killed after the deletion');
      },
    };
    await expect(clean({ enterprises: [NUMBER] }, { store: dying, batch: 2 })).rejects.toThrow(
      'killed',
    );
    expect(await clean({ enterprises: [NUMBER] }, { batch: 2 })).toMatchObject({ deleted: 5 });
    expect(
      await db`select count(*)::int as done from recording_deletions where done_at is not null`,
    ).toEqual([{ done: 5 }]);
  });

  test('tries again what the store refused, and says what stays', async () => {
    const stuck = await insertRecording({ daysAgo: 100 });
    await insertRecording({ daysAgo: 101 });
    let asked = 0;
    const refusing = {
      ...store,
      deleteMany: async (keys: string[]) => {
        asked += 1;
        await store.deleteMany(keys.filter((key) => key !== stuck.key));
        return keys.includes(stuck.key) ? [{ key: stuck.key, problem: 'AccessDenied' }] : [];
      },
    };
    expect(await clean({ enterprises: [NUMBER] }, { store: refusing })).toMatchObject({
      deleted: 1,
      failed: 1,
    });
    expect(asked).toBe(3);
    expect(await db`select problem from recording_deletions where done_at is null`).toEqual([
      { problem: 'AccessDenied' },
    ]);
  });

  test('a recording on hold is not deleted by hand either', async () => {
    const { id } = await insertRecording({ hold: true });
    const path = `/enterprise/${NUMBER}/recordings/${id}`;
    expect((await askAsAdmin({ method: 'DELETE', path })).status).toBe(409);
  });
});

test('orphans are shown, not deleted', async () => {
  const prefix = `call-recordings/2025/02/03/${NUMBER}`;
  await store.put(`${prefix}/call_stray.wav`, tone(0.1), { contentType: 'audio/wav' });
  const lost = await insertRecording({ key: `${prefix}/call_lost.wav` });
  await store.deleteMany([lost.key]);
  await insertRecording({ key: `${prefix}/call_fine.wav` });
  const search = createOrphanSearch({ db, store });
  expect(await search.compare('2025-02-03')).toEqual({ objects: 2, orphans: 2 });
  expect(await db`select key, kind from recording_orphans order by key`).toEqual([
    { key: `${prefix}/call_lost.wav`, kind: 'row without object' },
    { key: `${prefix}/call_stray.wav`, kind: 'object without row' },
  ]);
  expect(await store.head(`${prefix}/call_stray.wav`)).toBeDefined();
  await store.deleteMany([`${prefix}/call_stray.wav`]);
  await search.compare('2025-02-03');
  expect(await db`select kind from recording_orphans`).toEqual([{ kind: 'row without object' }]);
});
