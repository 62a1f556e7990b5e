import { createHash } from 'node:crypto';

import { describe, expect, test } from 'vitest';
import * as z from 'zod';

import { tone } from '../peers/sftp-files.ts';
import { NUMBER, useDatabase } from '../support/database.ts';
import { FILE, PUBLIC_URL, useRecordings } from './stored.ts';

const { db } = useDatabase();
const { ask, askAsAdmin, insertCall, insertRecording } = useRecordings(db, 'list-and-uploads');
const SECRET = { authorization: `Bearer secret-${NUMBER}` };

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
    const { json } = await askAsAdmin({ path: `/enterprise/${NUMBER}/recordings` });
    expect(json).toMatchObject({
      items: [{ link: `${PUBLIC_URL}/r/${FILE}`, hold: false, expires_at: expect.any(String) }],
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
  let serial = 0;
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
