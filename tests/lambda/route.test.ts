import { describe, expect, test } from 'vitest';
import * as z from 'zod';

import type { Contract } from '../../shared/contract.ts';
import { guardedRoute, route } from '../../shared/lambda/route.ts';

const contract = {
  method: 'POST',
  path: '/things/{id}',
  summary: '',
  auth: 'none',
  cors: 'none',
  params: z.object({ id: z.coerce.number().int() }),
  query: z.object({ limit: z.coerce.number().default(5) }),
  body: z.object({ name: z.string().trim(), parts: z.array(z.string()).default([]) }),
  answers: {},
} as const satisfies Contract;

const request = (body: string, { params = { id: '7' }, query = {} } = {}) => ({
  requestId: 'r1',
  method: 'POST',
  path: '/things/7',
  params,
  query,
  headers: { 'x-thing': 'yes' },
  sourceIp: '192.0.2.1',
  rawBody: Buffer.from(body),
});

const read = route(contract, async ({ params, query, body, headers, rawBody }) => ({
  status: 200,
  body: { params, query, body, headers, raw: rawBody.toString() },
}));

describe('a request', () => {
  test('is read by its contract, and stays there as it came', async () => {
    const raw = '{"name":" a ","more":1}';
    expect(await read.handle(request(raw, { query: { limit: '3', other: 'x' } }))).toEqual({
      status: 200,
      body: {
        params: { id: 7 },
        query: { limit: 3 },
        body: { name: 'a', parts: [] },
        headers: { 'x-thing': 'yes' },
        raw,
      },
    });
  });

  test('loses what Postgres cannot store', async () => {
    const { body } = await read.handle(request(String.raw`{"name":"a\u0000b\ud800"}`));
    expect(body).toMatchObject({ body: { name: 'ab\ufffd' } });
  });

  test('is told everything that is wrong with it at once', async () => {
    const wrong = request('{"name":1,"parts":["a",2]}', {
      params: { id: 'x' },
      query: { limit: 'y' },
    });
    await expect(read.handle(wrong)).rejects.toMatchObject({
      status: 422,
      errors: [{ path: 'id' }, { path: 'limit' }, { path: 'name' }, { path: 'parts.1' }],
    });
  });

  test.each([
    ['no JSON', '{"name":', 400],
    ['nothing where something is needed', '', 422],
    ['no object', '[]', 422],
  ])('with %s is refused', async (_what, body, status) => {
    await expect(read.handle(request(body))).rejects.toMatchObject({ status });
  });

  test('without a body by contract may bring any', async () => {
    const { body: _body, ...bodiless } = contract;
    const { handle } = route(bodiless, async ({ body }) => ({ status: 200, body: { body } }));
    expect(await handle(request('{"name":'))).toEqual({ status: 200, body: { body: undefined } });
  });
});

test('a guarded route that nobody guarded lets nobody in', async () => {
  const { handle } = guardedRoute(contract, async () => ({ status: 200 }));
  await expect(handle(request('{"name":"a"}'))).rejects.toMatchObject({ status: 403 });
});
