import { describe, expect, test } from 'vitest';

import { createExchangeRecord, maskSecret } from '../../shared/crm/exchange-record.ts';
import type { OutboundAnswer, OutboundRequest } from '../../shared/outbound.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const URL = 'https://demo.retailcrm.ru/api/v5/telephony/call/event';
const answer = (text: string, status = 200): OutboundAnswer => ({ status, headers: {}, text });

/** What the log keeps of one exchange. */
function keep(
  request: Partial<OutboundRequest>,
  {
    text = '{"success":true}',
    secrets = ['demo-key-0367'],
  }: { text?: string; secrets?: string[] } = {},
) {
  const record = createExchangeRecord(secrets);
  record.note({ method: 'POST', url: URL, ...request }, answer(text));
  return { request: record.request(), response: record.response() };
}

describe('what was said and heard is kept to be read', () => {
  test('a form field by field, the JSON in it as JSON', () => {
    const body = new URLSearchParams({
      event: '{"phone":"+375291110001"}',
      site: 'shop',
    }).toString();
    expect(keep({ headers: FORM, body })).toEqual({
      request: {
        method: 'POST',
        url: URL,
        body: { event: { phone: '+375291110001' }, site: 'shop' },
      },
      response: { status: 200, body: { success: true } },
    });
  });

  test('JSON as JSON', () => {
    expect(keep({ body: '{"add":[1]}' }).request).toMatchObject({ body: { add: [1] } });
  });

  test('a page as text', () => {
    expect(keep({}, { text: '<h1>Работы</h1>' }).response).toEqual({
      status: 200,
      body: '<h1>Работы</h1>',
    });
  });

  test('several exchanges as a list', () => {
    const record = createExchangeRecord([]);
    record.note({ method: 'GET', url: `${URL}?a` }, answer('1', 500));
    record.note({ method: 'GET', url: `${URL}?b` }, answer('2'));
    expect(record.request()).toEqual([
      { method: 'GET', url: `${URL}?a` },
      { method: 'GET', url: `${URL}?b` },
    ]);
    expect(record.response()).toEqual([
      { status: 500, body: 1 },
      { status: 200, body: 2 },
    ]);
  });

  test('a request without an answer, and none at all', () => {
    const record = createExchangeRecord([]);
    expect([record.answered(), record.request(), record.response()]).toEqual([false, [], []]);
    record.note({ method: 'GET', url: URL }, undefined);
    expect([record.answered(), record.request(), record.response()]).toEqual([
      false,
      { method: 'GET', url: URL },
      [],
    ]);
    record.note({ method: 'GET', url: URL }, answer('{}'));
    expect(record.answered()).toBe(true);
  });
});

describe('secrets are masked', () => {
  test('headers are not kept at all', () => {
    expect(JSON.stringify(keep({ headers: { 'x-api-key': 'another-key' } }))).not.toContain(
      'another-key',
    );
  });

  test.each([
    'api_key',
    'apiKey',
    'access_token',
    'client_secret',
    'password',
    'Authorization',
    'clientId',
    'client_id',
  ])('by the name of their field: %s', (name) => {
    const { request, response } = keep(
      { body: JSON.stringify({ [name]: 'another-key' }) },
      { text: JSON.stringify({ deep: [{ [name]: 'another-key' }] }) },
    );
    expect(request).toMatchObject({ body: { [name]: '••••-key' } });
    expect(response).toMatchObject({ body: { deep: [{ [name]: '••••-key' }] } });
  });

  test('in a form', () => {
    const body = new URLSearchParams({
      apiKey: 'another-key',
      module: '{"clientId":"client-0367"}',
    }).toString();
    expect(keep({ headers: FORM, body }).request).toMatchObject({
      body: { apiKey: '••••-key', module: { clientId: '••••0367' } },
    });
  });

  const TRICKY = 'a/b+c "д" \\ 0367';
  test.each<[where: string, secret: string, request: Partial<OutboundRequest>, text: string]>([
    ['in the address', 'demo-key-0367', { url: `${URL}?apiKey=demo-key-0367` }, ''],
    ['in a text', 'demo-key-0367', {}, 'the key demo-key-0367 is wrong, "demo-key-0367"!'],
    ['in JSON', 'demo-key-0367', {}, '{"errorMsg":"the key demo-key-0367 is wrong"}'],
    [
      'in the address, percent-encoded',
      TRICKY,
      { url: `${URL}?q=${encodeURIComponent(TRICKY)}` },
      '',
    ],
    [
      'in JSON, with quotes and backslashes',
      TRICKY,
      { body: JSON.stringify({ note: TRICKY }) },
      '',
    ],
    ['in a text, with quotes and backslashes', TRICKY, {}, `what is ${TRICKY}?`],
  ])('wherever they stand: %s', (_where, secret, request, text) => {
    const kept = JSON.stringify(keep(request, { text, secrets: [secret] }));
    for (const written of [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
    ]) {
      expect(kept).not.toContain(written);
    }
    expect(kept).toContain('••••');
  });

  test('however odd a secret is, the rest can still be read', () => {
    const text = '{"success":true,"count":200}';
    for (const secret of ['200', '2', '"', '{', 'success', '']) {
      expect(
        () => keep({ body: '{"a":"b"}' }, { text, secrets: [secret] }),
        `secret ${secret}`,
      ).not.toThrow();
    }
  });

  test.each([
    ['demo-key-0367', '••••0367'],
    ['123456789', '••••6789'],
    ['12345678', '••••'],
    ['', '••••'],
  ])('maskSecret(%s) is %s', (secret, masked) => {
    expect(maskSecret(secret)).toBe(masked);
  });
});

describe('the size is capped at 16 KB', () => {
  test('what is shorter is kept whole', () => {
    const text = 'x'.repeat(16_000);
    expect(keep({}, { text }).response).toEqual({ status: 200, body: text });
  });

  test('of what is longer the beginning is kept', () => {
    const { response } = keep({}, { text: `<h1>Работы</h1>${'x'.repeat(100_000)}` });
    expect(response).toEqual({ truncated: expect.stringContaining('<h1>Работы</h1>') });
    expect(JSON.stringify(response).length).toBeLessThan(17 * 1024);
  });

  test('a secret is masked before the cut, so that no part of it stays', () => {
    const text = `${'x'.repeat(16 * 1024 - 40)}demo-key-0367${'y'.repeat(1000)}`;
    for (let shift = 0; shift < 60; shift += 1) {
      expect(JSON.stringify(keep({}, { text: text.slice(shift) }))).not.toContain('demo-key');
    }
  });
});

describe('Postgres can store it', () => {
  /** jsonb takes neither NUL nor half a surrogate pair. */
  const isStorable = (value: unknown) => {
    const text = JSON.stringify(value);
    return !text.includes('\\u0000') && !/\\ud[89a-f]/i.test(text);
  };

  test.each([
    ['NUL', 'a\0b'],
    ['NUL in JSON', '{"a":"\\u0000"}'],
    ['half a pair in JSON', '{"a":"\\ud83d"}'],
  ])('%s', (_what, text) => {
    expect(isStorable(keep({}, { text }).response)).toBe(true);
  });

  test('a pair at the cut', () => {
    for (const shift of ['', 'x']) {
      expect(isStorable(keep({}, { text: shift + '📞'.repeat(20_000) }).response)).toBe(true);
    }
  });

  test('a text that only writes about NUL stays as it was', () => {
    const text = String.raw`{"a":"\\u0000"}`;
    expect(keep({}, { text }).response).toEqual({ status: 200, body: JSON.parse(text) });
  });
});
