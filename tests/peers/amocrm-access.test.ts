import { describe, expect } from 'vitest';

import { ACCESS, REFRESH, test } from './amocrm-fixture.ts';

const ACCOUNT = '/api/v4/account';
const TOKEN = '/oauth2/access_token';
const DAY = 86_400_000;

type Pair = { access_token: string; refresh_token: string };

describe('who may ask', () => {
  test.for([
    ['no token', { token: null }],
    ['a wrong token', { token: 'nope' }],
    ['the token of another account', { token: 'demo-amocrm-access-0368' }],
    ['the refresh token', { token: REFRESH.refresh_token }],
  ] as const)('refuses %s', async ([, options], { get }) => {
    expect(await get(ACCOUNT, options)).toMatchObject({
      status: 401,
      body: { title: 'Unauthorized', type: 'https://httpstatus.es/401', status: 401 },
    });
  });

  test('an unknown account is a page', async ({ get }) => {
    const { status, body } = await get(ACCOUNT, { account: 'nobody' });
    expect({ status, body }).toEqual({ status: 404, body: expect.stringMatching(/^<!DOCTYPE/) });
  });

  test('the account says who it is', async ({ get }) => {
    const { body, headers } = await get(ACCOUNT);
    expect(body).toMatchObject({ id: 31_000_367, subdomain: 'demo' });
    expect(headers.get('content-type')).toContain('application/hal+json');
  });

  test('an access token ends after a day, a long-lived one does not', async ({ get, world }) => {
    world.clock.advance(DAY - 1);
    expect((await get(ACCOUNT)).status).toBe(200);
    world.clock.advance(1);
    expect((await get(ACCOUNT)).status).toBe(401);
    expect((await get(ACCOUNT, { token: 'demo-amocrm-long-lived-0367' })).status).toBe(200);
  });

  test.for([
    ['unpaid', 402],
    ['blocked', 403],
    ['disabled', 403],
  ] as const)('%s: %d', async ([state, status], { get, world }) => {
    await world.control('amocrm/demo', { state });
    expect((await get(ACCOUNT)).status).toBe(status);
  });

  test.for(['/api/v4/nothing', '/api/v2/calls', '/api/v4/calls'])(
    'GET %s is no method',
    async (path, { get }) => {
      expect(await get(path)).toMatchObject({ status: 404, body: { title: 'Not Found' } });
    },
  );
});

describe('the renewal of tokens', () => {
  test('gives a new pair and ends the old one', async ({ post, get, world }) => {
    const { status, body } = await post(TOKEN, REFRESH, { token: null });
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 86_400 });
    const { access_token: token } = body as Pair;
    expect((await get(ACCOUNT, { token })).status).toBe(200);
    expect((await get(ACCOUNT)).status).toBe(401);
    expect(world.peers.amocrm.account('demo').rotations).toHaveLength(1);
  });

  test('with a token that was used before takes the newer pair down', async ({
    post,
    get,
    world,
  }) => {
    const { body } = await post(TOKEN, REFRESH);
    const { access_token: token, refresh_token } = body as Pair;
    expect(await post(TOKEN, REFRESH)).toMatchObject({
      status: 401,
      body: {
        hint: 'Token has been revoked',
        title: 'Некорректный запрос',
        type: 'https://developers.amocrm.ru/v3/errors/OAuthProblemJson',
        status: 401,
      },
    });
    expect((await get(ACCOUNT, { token })).status).toBe(401);
    expect((await post(TOKEN, { ...REFRESH, refresh_token })).status).toBe(401);
    expect((await world.control('amocrm/demo')).body).toMatchObject({
      counts: { rotations: 1, reusedRefreshTokens: 1 },
    });
  });

  test.for<[string, object, number, string]>([
    ['another secret', { client_secret: 'x' }, 401, 'Некорректный клиент'],
    ['another client', { client_id: 'x' }, 401, 'Некорректный клиент'],
    ['another address', { redirect_uri: 'https://x.example' }, 401, 'Некорректный запрос'],
    ['no address', { redirect_uri: undefined }, 400, 'Некорректный запрос'],
    ['an invented token', { refresh_token: 'x' }, 401, 'Некорректный запрос'],
    ['another grant', { grant_type: 'password' }, 400, 'Некорректный запрос'],
  ])('refuses %s, and nothing is used up', async ([, change, status, title], { post }) => {
    expect(await post(TOKEN, { ...REFRESH, ...change })).toMatchObject({ status, body: { title } });
    expect((await post(TOKEN, REFRESH)).status).toBe(200);
  });

  test('can be brought about by the control API', async ({ post, get, world }) => {
    await world.control('amocrm/demo/expire', {});
    expect((await get(ACCOUNT)).status).toBe(401);
    await world.control('amocrm/demo/revoke', {});
    expect((await post(TOKEN, REFRESH)).status).toBe(401);
    await world.control('amocrm/demo', { accessToken: 'given-by-hand', refreshToken: 'too' });
    expect((await get(ACCOUNT, { token: 'given-by-hand' })).status).toBe(200);
  });

  test('leaves no secret in the records', async ({ post, get, world }) => {
    const { body } = await post(TOKEN, REFRESH);
    const { access_token: token, refresh_token } = body as Pair;
    await get(ACCOUNT, { token });
    const records = JSON.stringify([
      (await world.control('received?peer=amocrm')).body,
      (await world.control('amocrm/demo')).body,
    ]);
    for (const secret of [
      token,
      refresh_token,
      ACCESS,
      REFRESH.client_secret,
      REFRESH.refresh_token,
    ])
      expect(records).not.toContain(secret);
  });
});

describe('limits', () => {
  test('are seven in a second, and each account’s own', async ({ get, world }) => {
    const statuses: number[] = [];
    for (let request = 0; request < 8; request += 1) statuses.push((await get(ACCOUNT)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 429]);
    const other = { account: 'second', token: 'demo-amocrm-access-0368' };
    expect((await get(ACCOUNT, other)).status).toBe(200);
    world.clock.advance(1_000);
    expect((await get(ACCOUNT)).status).toBe(200);
  });

  test('said by a page', async ({ get }) => {
    for (let request = 0; request < 7; request += 1) await get(ACCOUNT);
    expect((await get(ACCOUNT)).body).toMatch(/^<html>/);
  });

  test('ignored for long end in a block, until somebody lifts it', async ({ get, world }) => {
    for (let request = 0; request < 7 + 16; request += 1) await get(ACCOUNT);
    world.clock.advance(60_000);
    expect((await get(ACCOUNT)).status).toBe(403);
    await world.control('reset', { peer: 'amocrm' });
    expect((await get(ACCOUNT)).status).toBe(200);
  });
});

describe('control', () => {
  test('makes an account', async ({ get, world }) => {
    await world.control('amocrm/third', { longLivedToken: 'third-token' });
    expect((await get(ACCOUNT, { account: 'third', token: 'third-token' })).status).toBe(200);
    expect((await world.control('amocrm')).body).toEqual(['demo', 'second', 'third']);
  });

  test.for([
    ['amocrm/nobody', undefined, 404],
    ['amocrm/demo/nothing', {}, 404],
    ['amocrm/demo', { state: 'asleep' }, 400],
  ] as const)('%s with %j: %d', async ([path, body, status], { world }) => {
    expect((await world.control(path, body)).status).toBe(status);
  });

  test('reset forgets effects, not tokens', async ({ post, get, world }) => {
    const { body } = await post(TOKEN, REFRESH);
    await world.control('reset', { peer: 'amocrm' });
    expect((await get(ACCOUNT, { token: (body as Pair).access_token })).status).toBe(200);
    expect((await world.control('amocrm/demo')).body).toMatchObject({ counts: { rotations: 0 } });
  });
});
