import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { AppError } from '../../shared/errors.ts';
import { log } from '../../shared/lambda/log.ts';
import { socket, type SocketHandlers } from '../../shared/lambda/socket.ts';

const LAMBDA = { functionName: 'tested', awsRequestId: 'a-1' } as Context;
const CONNECTED_AT = 1_757_841_000_120;

function event(eventType: string, more: object = {}) {
  return {
    requestContext: {
      connectionId: 'JKJbZdJpFiACEtw=',
      eventType,
      requestId: 'r-1',
      connectedAt: CONNECTED_AT,
      requestTimeEpoch: CONNECTED_AT + 900,
    },
    ...more,
  };
}

/** Every handler says what it was given, and then fails if it is told to. */
function wrap(failure?: Error) {
  const passed: [string, unknown][] = [];
  const take = (name: string) => async (what: unknown) => {
    passed.push([name, what]);
    if (failure) throw failure;
  };
  const handlers: SocketHandlers = {
    connect: take('connect'),
    message: take('message'),
    disconnect: take('disconnect'),
  };
  return { passed, run: (input: object) => socket(handlers)(input, LAMBDA) };
}

const reported = vi.spyOn(log, 'error');
beforeEach(() => void reported.mockImplementation(() => {}));
afterEach(() => void reported.mockReset());

describe('each route goes to its handler', () => {
  test('connect, with what the address asks for', async () => {
    const { passed, run } = wrap();
    const answer = await run(event('CONNECT', { queryStringParameters: { live: 'calls' } }));
    expect(answer).toEqual({ statusCode: 200 });
    expect(passed).toEqual([
      ['connect', { connectionId: 'JKJbZdJpFiACEtw=', query: { live: 'calls' } }],
    ]);
  });

  test('connect without anything in the address', async () => {
    const { passed, run } = wrap();
    await run(event('CONNECT'));
    expect(passed).toMatchObject([['connect', { query: {} }]]);
  });

  test.each([
    ['as text', { body: '{"type":"ping"}' }],
    ['in base64', { body: 'eyJ0eXBlIjoicGluZyJ9', isBase64Encoded: true }],
  ])('a message %s, with the times of the gateway', async (_how, body) => {
    const { passed, run } = wrap();
    await run(event('MESSAGE', body));
    const message = {
      connectionId: 'JKJbZdJpFiACEtw=',
      text: '{"type":"ping"}',
      connectedAt: new Date(CONNECTED_AT),
      sentAt: new Date(CONNECTED_AT + 900),
    };
    expect(passed).toEqual([['message', message]]);
  });

  test('disconnect', async () => {
    const { passed, run } = wrap();
    await run(event('DISCONNECT'));
    expect(passed).toEqual([['disconnect', { connectionId: 'JKJbZdJpFiACEtw=' }]]);
  });
});

describe('a failure', () => {
  test('on purpose refuses the connection, and is not reported', async () => {
    const { run } = wrap(new AppError('bad_request', 'Use ?live=calls'));
    expect(await run(event('CONNECT'))).toEqual({ statusCode: 400 });
    expect(reported).not.toHaveBeenCalled();
  });

  test('that nobody expected refuses the connection, and is reported', async () => {
    const { run } = wrap(new Error('connect ECONNREFUSED'));
    expect(await run(event('CONNECT'))).toEqual({ statusCode: 500 });
    expect(reported).toHaveBeenCalledOnce();
  });

  test('of a message is reported and thrown on, so that the gateway tells the client', async () => {
    const { run } = wrap(new Error('connect ECONNREFUSED'));
    await expect(run(event('MESSAGE', { body: '{}' }))).rejects.toThrow('ECONNREFUSED');
    expect(reported).toHaveBeenCalledOnce();
  });
});
