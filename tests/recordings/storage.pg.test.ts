import { describe, expect, test } from 'vitest';

import { ALL_PASSED, checkStorage, printReport } from '../../shared/recordings/storage-check.ts';
import { costOf } from '../../shared/recordings/usage.ts';
import { tone } from '../peers/sftp-files.ts';
import { NUMBER, useDatabase } from '../support/database.ts';
import { storageSettings } from '../support/storage.ts';
import { useRecordings } from './stored.ts';

const { db } = useDatabase();
const { askAsAdmin, askAsSuperadmin, insertCall, insertRecording } = useRecordings(db, 'storage');

describe('the storage', () => {
  test('is checked step by step', async () => {
    const report = await checkStorage(storageSettings({ bucket: 'fresh-one' }));
    expect(report.steps.filter(({ ok }) => !ok)).toEqual([]);
    expect(printReport(report)).toMatch(new RegExp(`${ALL_PASSED}$`));
  });

  test('without keys says which is missing', async () => {
    const report = await checkStorage(storageSettings({ accessKey: undefined }));
    expect(report.ok).toBe(false);
    expect(printReport(report)).toContain('ACCESS_KEY не настроен');
  });

  test('that is not there says what to look at', async () => {
    const report = await checkStorage(storageSettings({ endpoint: 'http://127.0.0.1:1' }));
    expect(report.steps.at(-1)).toMatchObject({
      ok: false,
      hint: expect.stringContaining('S3_ENDPOINT'),
    });
  });

  test('costs what its price list says', async () => {
    expect(costOf(0, 0)).toBe(4.99);
    expect(costOf(3e12, 1e12)).toBe(14.97);
    expect(costOf(1e12, 3e12)).toBe(6.99);
    await insertRecording({ bytes: tone(2) });
    const { json } = await askAsSuperadmin({ path: '/admin/storage/usage' });
    expect(json).toMatchObject({
      total_files: 1,
      included: { storage_tb: 1, traffic_tb: 1 },
      estimated_cost_eur: 4.99,
      by_enterprise: [{ enterprise_number: NUMBER, files: 1 }],
      by_month: [{ files: 1 }],
    });
  });
});

test('settings: what is sent is written over what is there; nonsense is refused', async () => {
  const path = `/enterprise/${NUMBER}/recordings/settings`;
  const save = (body: object) => askAsAdmin({ method: 'PUT', path, body });
  expect((await save({ retention_days: 30, copy: false })).json).toMatchObject({
    retention_days: 30,
    copy: false,
    delete_after_upload: false,
    folder: '/var/spool/asterisk/monitor',
  });
  expect((await save({ delete_after_upload: true })).json).toMatchObject({
    retention_days: 30,
    delete_after_upload: true,
  });
  expect((await askAsAdmin({ path })).json).toMatchObject({
    retention_days: 30,
    delete_after_upload: true,
  });
  for (const bad of [
    { folder: 'x' },
    { folder: '/a/../../etc' },
    { retention_days: -1 },
    { format: 'flac' },
  ]) {
    expect((await save(bad)).status).toBe(422);
  }
});

test('gaps: calls per day, and how many came afterwards', async () => {
  const id = await insertCall();
  await db`update calls set source = 'downloaded' where id = ${id}`;
  const { json } = await askAsAdmin({ path: `/enterprise/${NUMBER}/gaps` });
  expect(json).toMatchObject({
    days: [{ calls: 1, downloaded: 1 }],
    total: { calls: 1, downloaded: 1 },
    box: null,
  });
});
