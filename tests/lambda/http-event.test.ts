import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, test } from 'vitest';

import { toRequest } from '../../shared/lambda/http-event.ts';

type Sent = {
  method?: string;
  path?: string;
  /** A name may be given several times. */
  headers?: [string, string][];
  query?: [string, string][];
  cookies?: string[];
  body?: string;
  isBase64Encoded?: boolean;
};

/** What API Gateway makes of a request in payload 2.0: names in lower case, repeats joined, cookies apart. */
function payload2(sent: Sent): APIGatewayProxyEventV2 {
  const { method = 'POST', path = '/start', headers = [], query = [], cookies, body } = sent;
  const event = {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: new URLSearchParams(query).toString(),
    ...(cookies && { cookies }),
    headers: joined(headers.map(([name, value]) => [name.toLowerCase(), value])),
    ...(query.length > 0 && { queryStringParameters: joined(query) }),
    requestContext: {
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'curl/8.5.0' },
      requestId: 'JKJaXmPLvHcESHA=',
    },
    ...(body !== undefined && { body }),
    isBase64Encoded: sent.isBase64Encoded ?? false,
  };
  return event as unknown as APIGatewayProxyEventV2;
}

/** The same request in payload 1.0: names as sent, the last of repeats, all of them in `multiValue…`. */
function payload1(sent: Sent): APIGatewayProxyEvent {
  const { method = 'POST', path = '/start', query = [], cookies, body } = sent;
  const headers: [string, string][] = [
    ...(sent.headers ?? []),
    ...(cookies ? [['Cookie', cookies.join('; ')] satisfies [string, string]] : []),
  ];
  const event = {
    version: '1.0',
    resource: path,
    path,
    httpMethod: method,
    headers: Object.fromEntries(headers),
    multiValueHeaders: listed(headers),
    queryStringParameters: query.length > 0 ? Object.fromEntries(query) : null,
    multiValueQueryStringParameters: query.length > 0 ? listed(query) : null,
    requestContext: {
      httpMethod: method,
      path,
      requestId: 'JKJaXmPLvHcESHA=',
      identity: { sourceIp: '192.0.2.1', userAgent: 'curl/8.5.0' },
    },
    pathParameters: null,
    stageVariables: null,
    body: body ?? null,
    isBase64Encoded: sent.isBase64Encoded ?? false,
  };
  return event as unknown as APIGatewayProxyEvent;
}

function listed(pairs: [string, string][]): Record<string, string[]> {
  const groups = Map.groupBy(pairs, ([name]) => name);
  return Object.fromEntries(
    [...groups].map(([name, all]) => [name, all.map(([, value]) => value)]),
  );
}

function joined(pairs: [string, string][]): Record<string, string> {
  const lists = Object.entries(listed(pairs));
  return Object.fromEntries(lists.map(([name, values]) => [name, values.join(',')]));
}

const JSON_BODY = '{"Phone":"375291110001","CallerIDName":"Ольга"}';

describe('payload 2.0 and 1.0 of one request give the same', () => {
  test.each<[string, Sent, object]>([
    ['method and path', { method: 'GET', path: '/health' }, { method: 'GET', path: '/health' }],
    ['the id of the request', {}, { requestId: 'JKJaXmPLvHcESHA=' }],
    ['the address it came from', {}, { sourceIp: '192.0.2.1' }],
    [
      'headers, their names in lower case',
      {
        headers: [
          ['Token', '375290000001'],
          ['Content-Type', 'Text/PLAIN'],
        ],
      },
      { headers: { token: '375290000001', 'content-type': 'Text/PLAIN' } },
    ],
    [
      'a header that came twice',
      {
        headers: [
          ['X-Forwarded-For', '192.0.2.7'],
          ['X-Forwarded-For', '192.0.2.8'],
        ],
      },
      { headers: { 'x-forwarded-for': '192.0.2.7,192.0.2.8' } },
    ],
    [
      'cookies, as the cookie header',
      { cookies: ['session_token=abc', 'theme=dark'] },
      { headers: { cookie: 'session_token=abc; theme=dark' } },
    ],
    [
      'the query',
      {
        query: [
          ['code', '150'],
          ['phone', '+375291110001'],
        ],
      },
      { query: { code: '150', phone: '+375291110001' } },
    ],
    [
      'a query parameter that came twice',
      {
        query: [
          ['status', 'missed'],
          ['status', 'busy'],
        ],
      },
      { query: { status: 'missed,busy' } },
    ],
    ['no query', {}, { query: {} }],
    ['a body of text', { body: JSON_BODY }, { rawBody: Buffer.from(JSON_BODY) }],
    [
      'a body in base64, byte for byte',
      { body: Buffer.from([0, 255, 13, 10]).toString('base64'), isBase64Encoded: true },
      { rawBody: Buffer.from([0, 255, 13, 10]) },
    ],
    [
      'text that only looks like base64',
      { body: 'eyJhIjoxfQ==' },
      { rawBody: Buffer.from('eyJhIjoxfQ==') },
    ],
    ['no body', {}, { rawBody: Buffer.alloc(0) }],
  ])('%s', (_what, sent, expected) => {
    const [second, first] = [toRequest(payload2(sent)), toRequest(payload1(sent))];
    expect(second).toMatchObject(expected);
    expect(first).toEqual(second);
  });
});

test('a name without a value is left out', () => {
  const event = payload1({});
  event.headers = { token: undefined };
  event.queryStringParameters = { code: undefined };
  expect(toRequest(event)).toMatchObject({ headers: {}, query: {} });
});
