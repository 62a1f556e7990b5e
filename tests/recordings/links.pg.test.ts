import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { v7 as newUuid } from 'uuid';
import { describe, expect, test } from 'vitest';

import { createLinks, GONE, NONE, NOT_YET, REVOKED } from '../../shared/recordings/link.ts';
import { createSigner } from '../../shared/recordings/sign.ts';
import { tone } from '../peers/sftp-files.ts';
import { NUMBER, useDatabase } from '../support/database.ts';
import { CALL_FILE, FILE, useRecordings } from './stored.ts';

const { db } = useDatabase();
const { signer, ask, askAsAdmin, insertCall, insertRecording } = useRecordings(db, 'links');

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
    const hold = (body: object) => askAsAdmin({ method: 'POST', path: `${path}/hold`, body });
    expect(await hold({ revoked: true })).toMatchObject({ json: { hold: false, revoked: true } });
    expect(await ask({ path: `/r/${FILE}` })).toMatchObject({
      status: 410,
      text: expect.stringContaining(REVOKED),
    });
    await hold({ revoked: false });
    expect((await ask({ path: `/r/${FILE}` })).status).toBe(302);
    expect(await askAsAdmin({ method: 'DELETE', path })).toMatchObject({ status: 200 });
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

test('a link whose recording another call lost is nobody else’s', async () => {
  const open = createLinks({ db, signer });
  expect(await open(FILE)).toEqual({ status: 404, text: NONE });
});
