import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { Contract, CorsPolicy } from '../../shared/contract.ts';
import { AppError, type ErrorCode } from '../../shared/errors.ts';
import type { HttpRequest } from '../../shared/lambda/http-event.ts';
import { type Gate, http, type HttpReply, type Route } from '../../shared/lambda/http.ts';
import { log } from '../../shared/lambda/log.ts';

const REQUEST_ID = 'JKJaXmPLvHcESHA=';
const LAMBDA = { functionName: 'tested', awsRequestId: 'a-1' } as Context;

type Handle = (request: HttpRequest) => Promise<HttpReply>;

function route(
  { method = 'GET', path = '/thing', cors = 'none' }: Partial<Contract>,
  handle: Handle = async () => ({ status: 200 }),
): Route {
  return { contract: { method, path, cors, summary: '', auth: 'none', answers: {} }, handle };
}

function payload(method: string, path: string): APIGatewayProxyEventV2 {
  const event = {
    version: '2.0',
    rawPath: path,
    headers: {},
    requestContext: { http: { method, path, sourceIp: '192.0.2.1' }, requestId: REQUEST_ID },
    isBase64Encoded: false,
  };
  return event as unknown as APIGatewayProxyEventV2;
}
const ask = (routes: Route[], method: string, path: string) =>
  http(routes)(payload(method, path), LAMBDA);

/** The one route is asked and does this. */
const answerOf = (handle: Handle, cors: CorsPolicy = 'none') =>
  ask([route({ cors }, handle)], 'GET', '/thing');
const refuse = (error: unknown) => async () => {
  throw error;
};

const reported = vi.spyOn(log, 'error');
beforeEach(() => void reported.mockImplementation(() => {}));
afterEach(() => void reported.mockReset());

describe('an answer', () => {
  test('is JSON', async () => {
    expect(await answerOf(async () => ({ status: 202, body: { job_id: '7' } }))).toEqual({
      statusCode: 202,
      headers: { 'content-type': 'application/json' },
      body: '{"job_id":"7"}',
    });
  });

  test('has the headers that the route adds', async () => {
    const answer = await answerOf(async () => ({ status: 302, headers: { location: '/r/1' } }));
    expect(answer).toMatchObject({ statusCode: 302, headers: { location: '/r/1' } });
  });

  test('without a body is an empty object', async () => {
    expect(await answerOf(async () => ({ status: 200 }))).toMatchObject({ body: '{}' });
  });

  test('in text is sent as it stands', async () => {
    expect(await answerOf(async () => ({ status: 200, text: 'OK' }))).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: 'OK',
    });
  });

  test('in text may be empty', async () => {
    const empty = { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: '' };
    expect(await answerOf(async () => ({ status: 200, text: '' }))).toMatchObject(empty);
  });
});

describe('a failure below 500 is told in its own words', () => {
  test.each<[ErrorCode, number]>([
    ['bad_request', 400],
    ['unauthorized', 401],
    ['forbidden', 403],
    ['not_found', 404],
    ['conflict', 409],
    ['too_large', 413],
    ['unprocessable', 422],
    ['too_many', 429],
  ])('%s → %d', async (code, statusCode) => {
    expect(await answerOf(refuse(new AppError(code, 'A plain sentence')))).toEqual({
      statusCode,
      headers: { 'content-type': 'application/json' },
      body: '{"detail":"A plain sentence"}',
    });
    expect(reported).not.toHaveBeenCalled();
  });

  test('the fields that are wrong are named', async () => {
    const errors = [{ path: 'phone', message: 'must be a number' }];
    const { body } = await answerOf(refuse(new AppError('unprocessable', 'Wrong', { errors })));
    expect(JSON.parse(body ?? '')).toEqual({ detail: 'Wrong', errors });
  });

  test('429 says when to come again', async () => {
    const error = new AppError('too_many', 'Too many', { retryAfterSeconds: 7 });
    const { headers } = await answerOf(refuse(error));
    expect(headers).toMatchObject({ 'retry-after': '7' });
  });

  test('the cause stays inside', async () => {
    const error = new AppError('conflict', 'Taken', { cause: new Error('secret-0367') });
    expect(JSON.stringify(await answerOf(refuse(error)))).not.toContain('secret-0367');
  });
});

describe('any other failure is one sentence for the caller and one report for us', () => {
  test.each<[string, unknown, number]>([
    ['upstream', new AppError('upstream', 'the box said secret-0367'), 502],
    ['unavailable', new AppError('unavailable', 'secret-0367'), 503],
    ['an error nobody expected', new TypeError('secret-0367'), 500],
    [
      'an error that pretends to have a status',
      Object.assign(new Error('secret-0367'), { status: 404 }),
      500,
    ],
    ['something that is no error', 'secret-0367', 500],
    ['nothing', undefined, 500],
  ])('%s', async (_what, error, statusCode) => {
    expect(await answerOf(refuse(error))).toEqual({
      statusCode,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ detail: 'Internal error', request_id: REQUEST_ID }),
    });
    expect(reported).toHaveBeenCalledExactlyOnceWith(
      'request failed',
      expect.objectContaining({ requestId: REQUEST_ID }),
    );
  });

  test('an event that is no HTTP request', async () => {
    const broken = { version: '2.0', requestContext: { requestId: REQUEST_ID } };
    const answer = await http([route({})])(broken as unknown as APIGatewayProxyEventV2, LAMBDA);
    expect(answer).toMatchObject({ statusCode: 500 });
    expect(reported).toHaveBeenCalledOnce();
  });
});

describe('the route', () => {
  const seen = async ({ params, method }: HttpRequest) => ({
    status: 200,
    body: { params, method },
  });
  const routes = [
    route({ method: 'POST', path: '/api/callevent/{event}' }, seen),
    route({ path: '/r/{file}' }, seen),
    route({ method: 'POST', path: '/r/{file}' }, seen),
  ];
  const bodyOf = async (method: string, path: string) =>
    JSON.parse((await ask(routes, method, path)).body ?? '');

  test('gets the parameters of its path', async () => {
    expect(await bodyOf('POST', '/api/callevent/start')).toMatchObject({
      params: { event: 'start' },
    });
  });

  test.each([
    ['%2B375%20(29)', '+375 (29)'],
    ['%D0%B0', 'а'],
    ['%zz', '%zz'],
  ])('reads %s as %s', async (segment, file) => {
    expect(await bodyOf('GET', `/r/${segment}`)).toMatchObject({ params: { file } });
  });

  test('is chosen by method when paths are the same', async () => {
    expect(await bodyOf('GET', '/r/1')).toMatchObject({ method: 'GET' });
    expect(await bodyOf('POST', '/r/1')).toMatchObject({ method: 'POST' });
  });

  test.each([
    ['an unknown path', 'GET', '/nowhere'],
    ['a longer path', 'GET', '/r/1/2'],
    ['a shorter path', 'GET', '/r'],
    ['another method', 'DELETE', '/r/1'],
    ['another method of a fixed path', 'GET', '/api/callevent/start'],
    ['OPTIONS of an unknown path', 'OPTIONS', '/nowhere'],
  ])('%s is not found', async (_what, method, path) => {
    expect(await ask(routes, method, path)).toEqual({
      statusCode: 404,
      headers: { 'content-type': 'application/json' },
      body: '{"detail":"Not found"}',
    });
    expect(reported).not.toHaveBeenCalled();
  });
});

describe('pages of other origins', () => {
  const OPEN = {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': 'authorization, content-type',
    'access-control-expose-headers': 'retry-after',
    'access-control-max-age': '600',
  };
  const corsOf = ({ headers = {} }: { headers?: object | undefined }) =>
    Object.fromEntries(
      Object.entries(headers).filter(([name]) => name.startsWith('access-control')),
    );

  test.each<[CorsPolicy, object]>([
    ['open', OPEN],
    ['none', {}],
  ])('policy %s: OPTIONS, answers and refusals alike', async (cors, expected) => {
    const options = await ask([route({ cors })], 'OPTIONS', '/thing');
    expect(options).toEqual({ statusCode: 204, headers: expected });

    const answers = {
      answer: await answerOf(async () => ({ status: 200 }), cors),
      text: await answerOf(async () => ({ status: 200, text: 'OK' }), cors),
      refusal: await answerOf(refuse(new AppError('unauthorized', 'No')), cors),
      failure: await answerOf(refuse(new Error('broken')), cors),
      'wrong method': await ask([route({ cors })], 'POST', '/thing'),
    };
    for (const [what, answer] of Object.entries(answers))
      expect(corsOf(answer), `${what}`).toEqual(expected);
  });

  test('a refusal keeps its other headers', async () => {
    const tooMany = new AppError('too_many', 'Too many', { retryAfterSeconds: 3 });
    const { headers } = await answerOf(refuse(tooMany), 'open');
    expect(headers).toEqual({ 'content-type': 'application/json', 'retry-after': '3', ...OPEN });
  });

  test('OPTIONS runs no handler', async () => {
    const handle = vi.fn<Handle>(async () => ({ status: 200 }));
    await ask([route({ cors: 'open' }, handle)], 'OPTIONS', '/thing');
    expect(handle).not.toHaveBeenCalled();
  });
});

describe('a route that somebody has to be let in to', () => {
  const contract: Contract = { ...route({}).contract, auth: 'superadmin' };
  const caller = { kind: 'somebody' } as unknown as Awaited<ReturnType<Gate>>;
  const handle = vi.fn<Route['handle']>(async () => ({ status: 200 }));
  const askGuarded = (gate: Gate) => {
    const event = payload('GET', '/thing');
    return http([{ contract, handle }], gate)(event, LAMBDA);
  };
  beforeEach(() => void handle.mockClear());

  test('needs a gate: without one the function does not start', () => {
    expect(() => http([{ contract, handle }])).toThrow('/thing needs a gate');
  });

  test('is told who asks, and its answer stays in no cache', async () => {
    const answer = await askGuarded(async () => caller);
    expect(answer).toMatchObject({ statusCode: 200, headers: { 'cache-control': 'no-store' } });
    expect(handle).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ path: '/thing' }),
      caller,
    );
  });

  test('is not asked for those whom the gate refuses', async () => {
    const answer = await askGuarded(() =>
      Promise.reject(new AppError('forbidden', 'Доступ запрещен')),
    );
    expect(answer).toMatchObject({
      statusCode: 403,
      headers: { 'cache-control': 'no-store' },
      body: '{"detail":"Доступ запрещен"}',
    });
    expect(handle).not.toHaveBeenCalled();
  });

  test('the gate of a function stands before no open route of it', async () => {
    const gate = vi.fn<Gate>(async () => caller);
    const answer = await http([route({ path: '/thing' })], gate)(payload('GET', '/thing'), LAMBDA);
    expect(answer.headers).toEqual({ 'content-type': 'application/json' });
    expect(gate).not.toHaveBeenCalled();
  });
});
