import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createIntake } from '../../shared/calls/intake.ts';
import { AppError } from '../../shared/errors.ts';
import type { HttpRequest } from '../../shared/lambda/http-event.ts';
import { insertEnterprise, NUMBER, TOKEN, useDatabase } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';

const { db } = useDatabase();
let calls = createFakeQueue();

const start = {
  CallType: 0,
  Trunk: '0001363',
  UniqueId: '1757840723.6',
  Phone: '375291110001',
  Token: TOKEN,
};

beforeEach(async () => {
  calls = createFakeQueue();
  await insertEnterprise(db);
});
afterEach(() => db`truncate enterprises, call_events, event_keys, rejected_events cascade`);

function request(body: string | object, headers: Record<string, string> = {}): HttpRequest {
  const rawBody = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return {
    requestId: 'r1',
    method: 'POST',
    path: '/start',
    params: {},
    query: {},
    headers,
    sourceIp: '192.0.2.1',
    rawBody,
  };
}

const take = (body: string | object, { kind = 'start', headers = {} } = {}) =>
  createIntake({ db, calls })(kind, request(body, headers));

const storedEvents = () =>
  db`select id, event_type, unique_id, payload, raw, processed_at from call_events order by id`;
const rejected = () => db`select enterprise_number, event_type, reason, body from rejected_events`;

describe('an event that is taken', () => {
  test('is stored with the body as it came, put on the queue, and answered', async () => {
    const raw = JSON.stringify(start, null, 2);
    const reply = await take(raw);

    const [row] = await storedEvents();
    expect(reply).toEqual({
      status: 200,
      body: {
        status: 'ok',
        message: 'Event queued for processing',
        event_id: row?.['id'],
        duplicate: false,
      },
    });
    expect(row).toMatchObject({
      eventType: 'start',
      uniqueId: '1757840723.6',
      payload: start,
      raw,
      processedAt: null,
    });
    expect(calls.messages).toEqual([
      { body: { eventId: row?.['id'] }, group: NUMBER, dedup: row?.['id'] },
    ]);
  });

  const base64 = Buffer.from(JSON.stringify(start)).toString('base64');
  test.each([
    ['base64 of JSON', base64, {}],
    ['base64 in lines', base64.replaceAll(/(.{76})/g, '$1\n'), {}],
    ['the token in the header', { ...start, Token: undefined }, { token: TOKEN }],
    ['the token in the header, in quotes', { ...start, Token: undefined }, { token: `"${TOKEN}"` }],
    ['a header that wins over the body', { ...start, Token: 'wrong' }, { token: TOKEN }],
    ['the token as a number', { ...start, Token: Number(TOKEN) }, {}],
    ['the alias of the enterprise as token', { ...start, Token: `alias-${NUMBER}` }, {}],
    ['a body with a byte order mark', `\uFEFF${JSON.stringify(start)}`, {}],
    ['a wrong content type', start, { 'content-type': 'application/x-www-form-urlencoded' }],
    ['fields nobody knows', { ...start, NewField: { deep: [1] } }, {}],
  ])('may come as %s', async (_what, body, headers) => {
    expect(await take(body, { headers })).toMatchObject({ status: 200 });
    expect(await storedEvents()).toHaveLength(1);
  });

  test('keeps working when it holds what Postgres cannot store', async () => {
    await take(`{"UniqueId":"1.1","Token":"${TOKEN}","CallerIDName":"a\\u0000b\\ud800"}`);
    const [row] = await storedEvents();
    expect(row?.['payload']).toMatchObject({ CallerIDName: 'ab\ufffd' });
  });

  test('is answered in plain text when that is asked for', async () => {
    expect(await take(start, { headers: { accept: 'text/plain' } })).toEqual({
      status: 200,
      text: 'OK',
    });
  });

  test('is answered all the same when the queue is away, and waits for the sweeper', async () => {
    const away = { send: () => Promise.reject(new Error('connect ECONNREFUSED')) };
    const reply = await createIntake({ db, calls: away })('start', request(start));
    expect(reply.status).toBe(200);
    expect(await storedEvents()).toMatchObject([{ processedAt: null }]);
  });

  test('counts with the token of before for the seven days after a rotation, not longer', async () => {
    const rotate = (until: string) => db`
      update enterprises
      set token = 'new', previous_token = ${TOKEN}, previous_token_until = now() + ${until}::interval`;
    await rotate('7 days');
    expect(await take(start)).toMatchObject({ status: 200 });
    await rotate('-1 second');
    await expect(take({ ...start, UniqueId: '2.2' })).rejects.toMatchObject({ status: 403 });
  });
});

describe('the same body', () => {
  test('four times at once is one event with one id, and one message', async () => {
    const replies = await Promise.all([1, 2, 3, 4].map(() => take(start)));
    const ids = new Set(replies.map(({ body }) => (body as { event_id: string }).event_id));
    const fresh = replies.filter(({ body }) => !(body as { duplicate: boolean }).duplicate);
    expect([ids.size, fresh.length]).toEqual([1, 1]);
    expect(await storedEvents()).toHaveLength(1);
    expect(calls.messages).toHaveLength(1);
  });

  test('with its keys in another order is the same body', async () => {
    await take(start);
    expect(await take(Object.fromEntries(Object.entries(start).toReversed()))).toMatchObject({
      body: { duplicate: true },
    });
  });

  test('half a minute later is a new event', async () => {
    await take(start);
    await db`update event_keys set received_at = now() - interval '31 seconds'`;
    expect(await take(start)).toMatchObject({ body: { duplicate: false } });
    expect(await storedEvents()).toHaveLength(2);
  });

  test('as another event is another event', async () => {
    await take(start);
    expect(await take(start, { kind: 'dial' })).toMatchObject({ body: { duplicate: false } });
  });
});

describe('what cannot be taken', () => {
  test.each([
    ['not JSON', 'start', '{"UniqueId":', 400],
    ['nothing at all', 'start', '', 400],
    ['a JSON array', 'start', [1], 422],
    ['an unknown event', 'restart', start, 404],
    ['an unknown token', 'start', { ...start, Token: '375290000009' }, 403],
    ['no token', 'start', { ...start, Token: undefined }, 403],
    ['no UniqueId', 'start', { ...start, UniqueId: '' }, 422],
    ['over 256 KB', 'start', { ...start, Blob: 'x'.repeat(257 * 1024) }, 413],
    ['an array nested without end', 'start', `${'['.repeat(60_000)}${']'.repeat(60_000)}`, 422],
    ['null', 'start', 'null', 422],
    [
      'an object nested too deeply',
      'start',
      `{"Token":"${TOKEN}","UniqueId":"1.1","a":${'{"a":'.repeat(30)}1${'}'.repeat(30)}}`,
      422,
    ],
  ])('%s is refused with its own status', async (_what, kind, body, status) => {
    const error = await take(body, { kind, headers: {} }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ status });
    expect(await storedEvents()).toHaveLength(0);
    expect(calls.messages).toHaveLength(0);
  });

  test('an inactive enterprise takes nothing', async () => {
    await db`update enterprises set active = false`;
    await expect(take(start)).rejects.toMatchObject({ status: 403 });
    expect(await storedEvents()).toHaveLength(0);
  });

  test('a missing field is named, and the body is kept', async () => {
    const body = { ...start, UniqueId: undefined };
    await expect(take(body)).rejects.toMatchObject({ errors: [{ path: 'UniqueId' }] });
    expect(await rejected()).toMatchObject([
      { enterpriseNumber: NUMBER, eventType: 'start', body: JSON.stringify(body) },
    ]);
  });

  test('a body that is no JSON is kept when the header says whose it is, up to 64 KB', async () => {
    await expect(take('<'.repeat(100_000), { headers: { token: TOKEN } })).rejects.toMatchObject({
      status: 400,
    });
    const [row] = await rejected();
    expect(row?.['body']).toHaveLength(64 * 1024);
  });

  test('of an unknown token nothing is kept', async () => {
    await expect(take({ Token: 'nobody' })).rejects.toMatchObject({ status: 403 });
    expect(await rejected()).toHaveLength(0);
  });
});
