import { createHash } from 'node:crypto';

import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { v7 as newUuid } from 'uuid';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { createCleanup } from '../../shared/recordings/cleanup.ts';
import { recordingLinkRoutes } from '../../shared/recordings/link.routes.ts';
import { createLinks, GONE, NONE, NOT_YET, REVOKED } from '../../shared/recordings/link.ts';
import { createOrphanSearch } from '../../shared/recordings/orphans.ts';
import { recordingRoutes } from '../../shared/recordings/recordings.routes.ts';
import { createSigner } from '../../shared/recordings/sign.ts';
import { ALL_PASSED, checkStorage, printReport } from '../../shared/recordings/storage-check.ts';
import { createStore } from '../../shared/recordings/store.ts';
import { costOf } from '../../shared/recordings/usage.ts';
import { createAsking } from '../auth/asking.ts';
import { insertLogin, startSession } from '../auth/people.ts';
import { tone } from '../peers/sftp-files.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';
import { storageSettings } from '../support/storage.ts';

const { db } = useDatabase();
const storage = storageSettings({ bucket: 'routes' });
const store = createStore(storage);
const signer = createSigner(storage);
const crm = createFakeQueue();
const publicUrl = 'https://calls.example.com';
const ask = createAsking(db, [
  ...recordingRoutes({ db, storage, crm, publicUrl }),
  ...recordingLinkRoutes({ db, signer }),
]);
let session = '';
let superSession = '';

beforeAll(() => store.ensureBucket());
beforeEach(async () => {
  await insertEnterprise(db);
  session = await startSession(db, await insertLogin(db, `own-${newUuid()}`, NUMBER));
  superSession = await startSession(db, await insertLogin(db, `super-${newUuid()}`));
});
afterEach(async () => {
  crm.messages.length = 0;
  await db`truncate enterprises, recordings, recording_deletions, calls, call_legs, recording_orphans, recording_orphan_days cascade`;
});

const SECRET = { authorization: `Bearer secret-${NUMBER}` };
const DAY_MS = 86_400_000;
const FILE = `${'F'.repeat(22)}.wav`;
const CALL_FILE = `${'C'.repeat(22)}.wav`;

async function insertCall({
  minutesAgo = 60,
  phone = '375291110001',
  uniqueId = '1757840723.6',
} = {}) {
  const id = newUuid();
  const startedAt = new Date(Date.now() - minutesAgo * 60_000);
  await db`
    insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, rang, last_talked_by, started_at,
      answered_at, ended_at, last_event_at, recording_file)
    values (${id}, ${NUMBER}, ${uniqueId}, 'in', 'answered', ${phone}, '{150}', '150', ${startedAt}, ${startedAt},
      ${startedAt}, ${startedAt}, ${CALL_FILE})`;
  await db`insert into call_legs (enterprise_number, unique_id, call_id) values (${NUMBER}, ${uniqueId}, ${id})`;
  return id;
}

type Made = {
  callId?: string;
  file?: string;
  bytes?: Buffer;
  daysAgo?: number;
  hold?: boolean;
  uniqueId?: string;
  seconds?: number;
  key?: string;
};
let serial = 0;
async function insertRecording(made: Made = {}) {
  serial += 1;
  const { callId = null, bytes = tone(1), daysAgo = 0, hold = false, seconds = 1 } = made;
  const { uniqueId = `1757840723.${serial}`, file = `${String(serial).padStart(22, '0')}.wav` } =
    made;
  const id = newUuid();
  const startedAt = new Date(Date.now() - daysAgo * DAY_MS - 60_000);
  const { key = `call-recordings/2025/01/01/${NUMBER}/call_${uniqueId}.wav` } = made;
  await store.put(key, bytes, { contentType: 'audio/wav' });
  await db`
    insert into recordings (id, enterprise_number, unique_id, call_id, source, state, file, key, content_type, size,
      duration_seconds, started_at, stored_at, hold)
    values (${id}, ${NUMBER}, ${uniqueId}, ${callId}, 'upload', 'stored', ${file}, ${key}, 'audio/wav', ${bytes.length},
      ${seconds}, ${startedAt}, now(), ${hold})`;
  return { id, key, file };
}

describe('a permanent link', () => {
  test('leads to the file, by a link signed at that moment: with ranges, its type, for players of any page', async () => {
    const bytes = tone(2);
    await insertRecording({ file: FILE, bytes });
    const answer = await ask({ path: `/r/${FILE}` });
    expect(answer).toMatchObject({
      status: 302,
      headers: { 'cache-control': 'no-store', 'access-control-allow-origin': '*' },
    });
    const location = String(answer.headers['location']);
    expect(new URL(location).searchParams.get('X-Amz-Expires')).toBe('600');
    const part = await fetch(location, {
      headers: { range: 'bytes=44-53', origin: 'https://admin.example.com' },
    });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 44-53/${bytes.length}`);
    expect(part.headers.get('content-type')).toBe('audio/wav');
    expect(part.headers.get('access-control-allow-origin')).toBeTruthy();
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(44, 54));
    expect(await db`select opens from recordings`).toEqual([{ opens: 1 }]);
  });

  test('of a call is there before the file, and then leads to the main channel’s recording, else the longest', async () => {
    const callId = await insertCall();
    expect(await ask({ path: `/r/${CALL_FILE}` })).toMatchObject({
      status: 404,
      text: expect.stringContaining(NOT_YET),
    });
    const short = await insertRecording({ callId, uniqueId: '1757840723.7', seconds: 3 });
    const long = await insertRecording({ callId, uniqueId: '1757840723.8', seconds: 9 });
    const location = async () =>
      String((await ask({ path: `/r/${CALL_FILE}` })).headers['location']);
    expect(await location()).toContain(long.key);
    const main = await insertRecording({ callId, uniqueId: '1757840723.6', seconds: 1 });
    expect(await location()).toContain(main.key);
    expect(await location()).not.toContain(short.key);
  });

  test('finds the call that its call was merged into', async () => {
    const from = await insertCall();
    const into = newUuid();
    await db`
      insert into calls (id, enterprise_number, main_unique_id, direction, status, started_at, last_event_at)
      values (${into}, ${NUMBER}, '1757840723.1', 'in', 'answered', now(), now())`;
    await db`update calls set merged_into = ${into} where id = ${from}`;
    const { key } = await insertRecording({ callId: into });
    const { headers } = await ask({ path: `/r/${CALL_FILE}` });
    expect(String(headers['location'])).toContain(key);
  });

  test('whose file does not come says so after a day', async () => {
    await insertCall({ minutesAgo: 25 * 60 });
    expect(await ask({ path: `/r/${CALL_FILE}` })).toMatchObject({
      status: 404,
      text: expect.stringContaining(NONE),
    });
  });

  test.each([
    'x.wav',
    `${'a'.repeat(22)}.exe`,
    `${'a'.repeat(22)}.wav`,
    '..%2Fetc',
    `${'%00'.repeat(5)}.wav`,
  ])('that nobody gave out: %s', async (file) => {
    expect((await ask({ path: `/r/${file}` })).status).toBe(404);
  });

  test('is taken back, and given again; gone when the recording is', async () => {
    const { id } = await insertRecording({ file: FILE });
    const path = `/enterprise/${NUMBER}/recordings/${id}`;
    const hold = (body: object) => ask({ method: 'POST', path: `${path}/hold`, session, body });
    expect(await hold({ revoked: true })).toMatchObject({ json: { hold: false, revoked: true } });
    expect(await ask({ path: `/r/${FILE}` })).toMatchObject({
      status: 410,
      text: expect.stringContaining(REVOKED),
    });
    await hold({ revoked: false });
    expect((await ask({ path: `/r/${FILE}` })).status).toBe(302);
    expect(await ask({ method: 'DELETE', path, session })).toMatchObject({ status: 200 });
    expect(await ask({ path: `/r/${FILE}` })).toMatchObject({
      status: 410,
      text: expect.stringContaining(GONE),
    });
  });

  test('is signed as the SDK would sign it', async () => {
    const keys = {
      endpoint: 'https://fsn1.your-objectstorage.com',
      region: 'fsn1',
      bucket: 'vochi',
      accessKey: 'AK',
      secretKey: 'SK',
    };
    const at = new Date('2026-01-31T12:00:00Z');
    const client = new S3Client({
      endpoint: keys.endpoint,
      region: keys.region,
      credentials: { accessKeyId: 'AK', secretAccessKey: 'SK' },
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    const Key = "call-recordings/2026/01/31/0367/call_1 (2)'.wav";
    const theirs = await getSignedUrl(
      client,
      new GetObjectCommand({
        Bucket: 'vochi',
        Key,
        ResponseContentType: 'audio/wav',
        ResponseContentDisposition: `inline; filename="call_1 (2)'.wav"`,
      }),
      { expiresIn: 600, signingDate: at },
    );
    const ours = await createSigner({ ...keys, pathStyle: false }, () => at).get(Key, {
      seconds: 600,
      contentType: 'audio/wav',
    });
    const signature = (url: string) => new URL(url).searchParams.get('X-Amz-Signature');
    const host = new URL(ours).host;
    expect(host).toBe('vochi.fsn1.your-objectstorage.com');
    expect(new URL(theirs).host).toBe(host);
    expect(new URL(theirs).pathname).toBe(new URL(ours).pathname);
    expect(signature(ours)).toBe(signature(theirs));
  });
});

describe('the list', () => {
  const list = (query: Record<string, string> = {}) =>
    ask({ path: `/api/recordings/${NUMBER}`, query, headers: SECRET });
  const Answer = z.object({
    recordings: z.array(z.looseObject({ key: z.string(), download_link: z.url() })),
    next_cursor: z.string().nullable(),
  });

  test('for programs: of the last week, each with a link that works', async () => {
    const callId = await insertCall();
    const bytes = tone(2);
    await insertRecording({ callId, bytes });
    await insertRecording({ daysAgo: 8 });
    const { recordings, next_cursor } = Answer.parse((await list()).json);
    expect(next_cursor).toBeNull();
    expect(recordings).toMatchObject([
      {
        size: bytes.length,
        call_id: '1757840723.6',
        phone: '375291110001',
        extension: '150',
        duration: 1,
      },
    ]);
    const file = await fetch(recordings[0]?.download_link ?? '');
    expect(Buffer.from(await file.arrayBuffer())).toEqual(bytes);
  });

  test('by number however it is written, by extension, by date; page by page', async () => {
    const callId = await insertCall();
    for (let count = 0; count < 3; count += 1) await insertRecording({ callId });
    await insertRecording();
    expect(
      Answer.parse((await list({ phone: '+375 (29) 111-00-01' })).json).recordings,
    ).toHaveLength(3);
    expect(Answer.parse((await list({ phone: '80291110001' })).json).recordings).toHaveLength(3);
    expect(Answer.parse((await list({ extension: '150' })).json).recordings).toHaveLength(3);
    expect(Answer.parse((await list({ extension: '151' })).json).recordings).toHaveLength(0);
    expect(Answer.parse((await list({ date_from: '2030-01-01' })).json).recordings).toHaveLength(0);
    const first = Answer.parse((await list({ limit: '3' })).json);
    const second = Answer.parse((await list({ limit: '3', cursor: first.next_cursor ?? '' })).json);
    const keys = [...first.recordings, ...second.recordings].map(({ key }) => key);
    expect(new Set(keys).size).toBe(4);
    expect(second.next_cursor).toBeNull();
    expect(
      (await list({ limit: '2', cursor: first.next_cursor ?? '', phone: '375291110001' })).status,
    ).toBe(422);
  });

  test('for admins: with permanent links, hold, and when retention takes it', async () => {
    await insertRecording({ file: FILE });
    const { json } = await ask({ path: `/enterprise/${NUMBER}/recordings`, session });
    expect(json).toMatchObject({
      items: [{ link: `${publicUrl}/r/${FILE}`, hold: false, expires_at: expect.any(String) }],
      next_cursor: null,
    });
  });
});

describe('an upload', () => {
  const bytes = tone(3);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const Begun = z.object({
    recording_id: z.uuid(),
    upload_url: z.url(),
    headers: z.record(z.string(), z.string()),
  });
  const begin = (change: object = {}) =>
    ask({
      method: 'POST',
      path: `/api/recordings/${NUMBER}`,
      headers: SECRET,
      body: {
        call_unique_id: `1757840723.${(serial += 1)}`,
        file_name: 'x.wav',
        content_type: 'audio/wav',
        size: bytes.length,
        ...change,
      },
    });
  const confirm = (id: string) =>
    ask({ method: 'POST', path: `/api/recordings/${NUMBER}/${id}/confirm`, headers: SECRET });
  const put = ({ upload_url: url, headers }: z.output<typeof Begun>, body = bytes) => {
    const { 'content-length': _length, ...sent } = headers;
    return fetch(url, { method: 'PUT', body: Uint8Array.from(body), headers: sent });
  };

  test('is put by its link, confirmed, tied, and plays by its permanent link', async () => {
    await insertCall();
    const begun = Begun.parse((await begin({ sha256, call_unique_id: '1757840723.6' })).json);
    expect((await put(begun)).ok).toBe(true);
    const confirmed = await confirm(begun.recording_id);
    expect(confirmed).toMatchObject({ status: 200, json: { success: true } });
    expect((await confirm(begun.recording_id)).json).toEqual(confirmed.json);
    const { file_url: url } = z.object({ file_url: z.url() }).parse(confirmed.json);
    expect((await ask({ path: new URL(url).pathname })).status).toBe(302);
    expect(
      await db`select duration_seconds, sha256, call_id is not null as tied from recordings`,
    ).toEqual([{ durationSeconds: 3, sha256, tied: true }]);
  });

  test.each([
    ['nothing is there', {}, undefined],
    ['its size differs', { size: bytes.length + 1 }, bytes],
    ['its hash differs', { sha256: 'a'.repeat(64) }, bytes],
  ])('is refused when %s', async (_what, change, body) => {
    const begun = Begun.parse((await begin(change)).json);
    if (body) await put(begun, body);
    expect((await confirm(begun.recording_id)).status).toBe(409);
    expect(await db`select state from recordings`).toEqual([{ state: 'uploading' }]);
  });

  test.each([
    [{ file_name: 'x.exe' }],
    [{ size: 0 }],
    [{ size: 10 ** 12 }],
    [{ call_unique_id: '../x' }],
  ])('of %o is refused', async (change) => {
    expect((await begin(change)).status).toBe(422);
  });
});

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
    expect((await ask({ method: 'DELETE', path, session })).status).toBe(409);
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
    const { json } = await ask({ path: '/admin/storage/usage', session: superSession });
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
  const save = (body: object) => ask({ method: 'PUT', path, session, body });
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
  expect((await ask({ path, session })).json).toMatchObject({
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
  const { json } = await ask({ path: `/enterprise/${NUMBER}/gaps`, session });
  expect(json).toMatchObject({
    days: [{ calls: 1, downloaded: 1 }],
    total: { calls: 1, downloaded: 1 },
    box: null,
  });
});

test('a link whose recording another call lost is nobody else’s', async () => {
  const open = createLinks({ db, signer });
  expect(await open(FILE)).toEqual({ status: 404, text: NONE });
});
