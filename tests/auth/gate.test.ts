import { describe, expect, test } from 'vitest';

import { adminOrigins } from '../../shared/auth/admin-origins.ts';
import { clientNetwork } from '../../shared/auth/client-network.ts';
import { sessionTokenOf } from '../../shared/auth/cookie.ts';
import { contracts } from '../../shared/contracts.ts';
import { http } from '../../shared/lambda/http.ts';

test.each(contracts.filter(({ auth }) => !['none', 'box token', 'visitor'].includes(auth)))(
  '$method $path cannot be served without a gate',
  (contract) => {
    const route = { contract, handle: async () => ({ status: 200 }) };
    expect(() => http([route])).toThrow('needs a gate');
  },
);

test.each([
  ['session_token=abc', 'abc'],
  ['theme=dark; session_token=abc;lang=ru', 'abc'],
  ['xsession_token=abc', undefined],
  ['session_token', undefined],
  ['', undefined],
])('the session of the cookie header "%s" is %s', (cookie, token) => {
  expect(sessionTokenOf({ headers: { cookie } })).toBe(token);
});

test('without a cookie header there is no session', () => {
  expect(sessionTokenOf({ headers: {} })).toBeUndefined();
});

test.each([
  [{ PUBLIC_URL: 'https://calls.example.com/' }, ['https://calls.example.com']],
  [
    {
      PUBLIC_URL: 'https://api.example.com',
      ADMIN_ORIGIN: 'https://a.example.com, http://b.example.com:8080',
    },
    ['https://a.example.com', 'http://b.example.com:8080'],
  ],
])('the pages of %j are at %j', (env, origins) => {
  expect([...adminOrigins(env)]).toEqual(origins);
});

describe('a limit counts', () => {
  const from = (sourceIp: string, forwarded?: string) => ({
    sourceIp,
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  });
  test.each([
    ['the address of the gateway', from('192.0.2.1', '203.0.113.9, 192.0.2.1'), 0, '192.0.2.1'],
    ['what our own proxy saw', from('192.0.2.1', '203.0.113.9, 192.0.2.1'), 1, '203.0.113.9'],
    [
      'not what the caller made up',
      from('192.0.2.1', '8.8.8.8, 203.0.113.9, 192.0.2.1'),
      1,
      '203.0.113.9',
    ],
    ['the gateway again when the proxy was passed by', from('192.0.2.1'), 1, '192.0.2.1'],
    ['an IPv6 network', from('2001:db8:0:7:1:2:3:4'), 0, '2001:db8:0:7'],
    ['the same network in short', from('2001:db8:0:7::5'), 0, '2001:db8:0:7'],
    ['zeros in front', from('2001:0db8::1'), 0, '2001:db8:0:0'],
    ['the local one', from('::1'), 0, '0:0:0:0'],
  ])('%s', (_what, request, proxies, network) => {
    expect(clientNetwork(request, proxies)).toBe(network);
  });
});
