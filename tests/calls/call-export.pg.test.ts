import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { createCallExport } from '../../shared/calls/call-export.ts';
import { clearExports } from '../../shared/calls/export-files.ts';
import { createJobRunner } from '../../shared/integrations/jobs.ts';
import { createPartUploads } from '../../shared/recordings/part-uploads.ts';
import { createStore } from '../../shared/recordings/store.ts';
import { createAsking } from '../auth/asking.ts';
import { insertLogin, startSession } from '../auth/people.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';
import { storageSettings } from '../support/storage.ts';

const { db } = useDatabase();
const askRoutes = createAsking(db);
const store = createStore(storageSettings());
let session = '';

beforeAll(async () => {
  await store.ensureBucket();
  await insertEnterprise(db);
  await insertEnterprise(db, { number: '0368', token: '375290000002' });
  session = await startSession(db, await insertLogin(db, 'june', NUMBER));
});
afterEach(async () => {
  await db`truncate calls, call_events cascade`;
  await db`delete from jobs`;
});

const AT_ONCE = 10_000;
/** Of a row so long that few fill a part of an upload. */
const LONG_LINE = '0'.repeat(150);

async function addCalls(count: number, { status = 'answered', line = '0001363' } = {}) {
  for (let from = 1; from <= count; from += AT_ONCE)
    await db`
      insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, line, started_at, last_event_at)
      select gen_random_uuid(), ${NUMBER}, ${status} || n, 'in', ${status}, '375291110001', ${line},
        timestamptz '2026-11-01' + n * interval '1 second', now()
      from generate_series(${from}::int, ${Math.min(from + AT_ONCE - 1, count)}::int) as n`;
}

const ask = (path: string, query: Record<string, string> = {}) =>
  askRoutes({ path: `/enterprise/${NUMBER}/${path}`, query, session });

const begin = async (query: Record<string, string> = {}): Promise<string> => {
  const answer = await ask('calls.csv', query);
  expect(answer.status, answer.text).toBe(202);
  return z.object({ job_id: z.uuid() }).parse(answer.json).job_id;
};
const jobOf = async (id: string) => (await askRoutes({ path: `/api/jobs/${id}`, session })).json;

/** What the sweeper does with what requests began. */
const sweep = (send = fetch) => {
  const uploads = createPartUploads(storageSettings(), { send });
  return createJobRunner({ db, kinds: createCallExport({ db, uploads }).kind })();
};
const fetchFile = async (id: string): Promise<string[]> => {
  const answer = await ask(`exports/${id}`);
  expect(answer.status).toBe(302);
  const file = await fetch(String(answer.headers?.['location']));
  expect(file.headers.get('content-disposition')).toContain(`calls-${NUMBER}.csv`);
  // As bytes: text() would take the mark of UTF-8 away.
  return Buffer.from(await file.arrayBuffer())
    .toString()
    .trimEnd()
    .split('\r\n');
};

describe('a table of calls', () => {
  test('comes in the answer up to 20,000; of more a job makes a file', async () => {
    await addCalls(20_000);
    const { status, text } = await ask('calls.csv');
    expect(status).toBe(200);
    expect(text.trim().split('\r\n')).toHaveLength(20_001);
    expect(Buffer.byteLength(text)).toBeLessThan(5 * 1024 * 1024);
    await addCalls(1, { status: 'missed' });
    const id = await begin();
    // It fits in one part, so the request itself has done all of it.
    expect(await jobOf(id)).toMatchObject({
      state: 'done',
      progress: { done: 20_001, total: 20_001 },
      result: { link: `/enterprise/${NUMBER}/exports/${id}`, rows: 20_001 },
    });
    expect(await fetchFile(id)).toHaveLength(20_002);
  });

  test('is written part by part, every call once, and the same one is not begun twice', async () => {
    await addCalls(35_000, { line: LONG_LINE });
    const id = await begin({ status: 'answered' });
    const { progress, state } = z
      .object({ state: z.string(), progress: z.object({ done: z.number(), total: z.number() }) })
      .parse(await jobOf(id));
    expect(state).toBe('running');
    expect(progress.total).toBe(35_000);
    expect(progress.done).toBeGreaterThan(0);
    expect(progress.done).toBeLessThan(35_000);
    expect((await ask(`exports/${id}`)).json).toEqual({ job_id: id, progress });
    expect(await begin({ status: 'answered' })).toBe(id);

    await sweep();
    expect(await jobOf(id)).toMatchObject({ state: 'done', progress: { done: 35_000 } });
    const [head = '', ...lines] = await fetchFile(id);
    expect(head).toMatch(/^\uFEFFНачало;/);
    expect(lines).toHaveLength(35_000);
    expect(new Set(lines).size).toBe(35_000);
    expect(lines[0]).toContain(';answered35000');
    expect(lines.at(-1)).toMatch(/;answered1$/);
  });

  test('is whole also when a part and the end of the upload had to be done again', async () => {
    await addCalls(35_000, { line: LONG_LINE });
    const id = await begin();
    let failures = 0;
    const unsteady = (isLost: (url: string) => boolean): typeof fetch => {
      return async (input, init) => {
        const answer = await fetch(input, init);
        if (failures > 0 || !isLost(new Request(input).url)) return answer;
        failures += 1;
        throw new TypeError('the answer was lost');
      };
    };
    await sweep(unsteady((url) => url.includes('partNumber=')));
    expect(await jobOf(id)).toMatchObject({ state: 'running' });
    failures = 0;
    await sweep(unsteady((url) => url.includes('CompleteMultipartUpload')));
    expect(failures).toBe(1);
    expect(await jobOf(id)).toMatchObject({ state: 'running', progress: { done: 35_000 } });
    await sweep();
    expect(await jobOf(id)).toMatchObject({ state: 'done', result: { rows: 35_000 } });
    const lines = await fetchFile(id);
    expect(new Set(lines).size).toBe(35_001);
  });

  test('is for its enterprise only, and for a week', async () => {
    await addCalls(20_001);
    const id = await begin();
    const other = await startSession(db, await insertLogin(db, 'july', '0368'));
    const path = `/enterprise/0368/exports/${id}`;
    expect((await askRoutes({ path, session: other })).status).toBe(404);
    const nobody = await ask('exports/01990000-0000-7000-8000-000000000000');
    expect(nobody.status).toBe(404);

    const days = (count: number) => new Date(Date.now() + count * 86_400_000);
    expect(await clearExports(store, days(7))).toEqual({ exports: 0 });
    expect(await fetchFile(id)).toHaveLength(20_002);
    await db`update jobs set created_at = now() - interval '8 days'`;
    expect((await ask(`exports/${id}`)).status).toBe(404);
    const { exports } = await clearExports(store, days(9));
    expect(exports).toBeGreaterThan(0);
    for await (const page of store.list('exports/')) expect(page).toEqual([]);
  });
});
