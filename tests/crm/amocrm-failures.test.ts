import { describe, expect, test } from 'vitest';

import type { VendorFailure } from '../../shared/crm/failure.ts';
import { OutboundError } from '../../shared/outbound.ts';
import { CALL } from '../support/crm-call.ts';
import {
  amocrm,
  CONFIG,
  DELIVERED,
  failureOf,
  listening,
  stepOf,
  strict,
  UNKNOWN,
} from './amocrm-world.ts';

const PAGE = '<html><body>502 Bad Gateway</body></html>';
const problem = (status: number, rest: object = {}) =>
  JSON.stringify({ title: 'Problem', type: `https://httpstatus.es/${status}`, status, ...rest });
const INVALID = problem(400, {
  detail: 'Request validation failed',
  'validation-errors': [
    { request_id: '0', errors: [{ code: 'InvalidType', path: 'duration', detail: 'not an int' }] },
  ],
});

describe('what an answer means', () => {
  test.each<[what: string, status: number, text: string, expected: object]>([
    ['not paid', 402, problem(402), { failureClass: 'auth' }],
    ['blocked, said by a page', 403, PAGE, { failureClass: 'auth' }],
    ['the integration is off', 403, problem(403, { detail: 'off' }), { failureClass: 'auth' }],
    [
      'too many requests, said by a page',
      429,
      PAGE,
      { failureClass: 'limit', maybeApplied: false },
    ],
    ['an error of theirs', 500, problem(500), { failureClass: 'retry', maybeApplied: true }],
    ['a gateway that gave up', 504, PAGE, { failureClass: 'retry', maybeApplied: true }],
    ['a page instead of JSON', 200, PAGE, { failureClass: 'retry', maybeApplied: true }],
    ['a page for an unknown account', 404, PAGE, { failureClass: 'retry', maybeApplied: false }],
    ['a wrong field', 400, INVALID, { failureClass: 'permanent', maybeApplied: false }],
    ['a wrong path', 404, problem(404), { failureClass: 'permanent' }],
    ['an address that moved', 301, PAGE, { failureClass: 'retry', maybeApplied: false }],
  ])('%s: %d', async (_what, status, text, expected) => {
    const { context } = listening([{ status, text }]);
    const failure = await failureOf(amocrm.deliver(stepOf('hangup'), CALL, context));
    expect(failure).toMatchObject({ httpStatus: status, ...expected });
  });

  test.each<[what: string, status: number, text: string, maybeApplied: boolean]>([
    ['an error of theirs says that nothing was shown', 500, problem(500), false],
    ['a gateway that gave up says nothing', 504, PAGE, true],
    ['a page after success says nothing', 200, PAGE, true],
  ])('a card: %s', async (_what, status, text, maybeApplied) => {
    const { context } = listening([{ status, text }]);
    const failure = await failureOf(amocrm.deliver(stepOf('dial', ['150']), CALL, context));
    expect(failure).toMatchObject({ failureClass: 'retry', maybeApplied });
    const later = amocrm.deliver(stepOf('dial', ['150']), CALL, context);
    const outcome = await later.then(
      (result) => result.outcome,
      (error: VendorFailure) => error.failureClass,
    );
    expect(outcome).toBe(maybeApplied ? 'skipped' : 'retry');
  });

  test.each<[what: string, error: OutboundError, expected: object]>([
    [
      'no answer in time',
      new OutboundError('timeout', '', { sent: true }),
      { failureClass: 'retry', timedOut: true, maybeApplied: true },
    ],
    [
      'no connection',
      new OutboundError('network', '', { sent: false }),
      { failureClass: 'retry', timedOut: false, maybeApplied: false },
    ],
    [
      'a private address',
      new OutboundError('refused_address', '', { sent: false }),
      { failureClass: 'auth', maybeApplied: false },
    ],
  ])('%s', async (_what, error, expected) => {
    const { context } = listening([error]);
    const failure = await failureOf(amocrm.deliver(stepOf('hangup'), CALL, context));
    expect(failure).toMatchObject(expected);
  });

  test('the time that a limit names is kept', async () => {
    const { context } = listening([{ status: 429, headers: { 'retry-after': '300' }, text: PAGE }]);
    const failure = await failureOf(amocrm.deliver(stepOf('hangup'), CALL, context));
    expect(failure.retryAfterSeconds).toBe(300);
  });

  test('wrong fields are named', async () => {
    const { context } = listening([{ status: 400, text: INVALID }]);
    const { message } = await failureOf(amocrm.deliver(stepOf('hangup'), CALL, context));
    expect(message).toBe(
      'amoCRM отклонила запрос: Request validation failed; duration: not an int',
    );
  });

  test('an error of our own stays what it is', async () => {
    const { context } = listening([new TypeError('x is undefined')]);
    const run = amocrm.deliver(stepOf('hangup'), CALL, context);
    await expect(run).rejects.toBeInstanceOf(TypeError);
  });

  test('a call that was entered but not noted here is looked for the next time', async () => {
    const memory = {
      read: async () => null,
      write: () => Promise.reject(new Error('no database')),
    };
    const { context } = listening([], { memory });
    const failure = await failureOf(amocrm.deliver(stepOf('hangup'), CALL, context));
    expect(failure).toMatchObject({ failureClass: 'retry', maybeApplied: true });
  });
});

describe('whatever amoCRM does, a call counts once', () => {
  const CASES = [
    { mode: 'hang', applied: false },
    { mode: 'applied_then_hang', applied: true },
    { mode: 'cut', applied: true },
    { mode: 'cut_before', applied: false },
    { mode: 'error500', applied: false },
    { mode: 'html', applied: false },
    { mode: 'error429', applied: false },
    { mode: 'slow', applied: false },
  ] as const;

  strict.for(
    CASES.flatMap((each) => [
      { ...each, path: 'v4/calls', who: 'of a known client', phone: CALL.phone },
      { ...each, path: 'v4/calls', who: 'of a client with a deal', phone: '375291110002' },
      { ...each, path: 'v4/calls', who: 'of a company', phone: '375291110005' },
      { ...each, path: 'unsorted/sip', who: 'of an unknown number', phone: UNKNOWN },
      { ...each, path: 'v4/calls', who: 'of an unknown number', phone: UNKNOWN },
    ]),
  )('$mode at $path, $who', async ({ mode, applied, path, phone }, { demo, control, peers }) => {
    const call = { ...CALL, phone };
    const { calls, unsorted } = peers.amocrm.account('demo');
    const effects = () => calls.length + unsorted.length;
    await control('behave', { peer: 'amocrm', mode, path, times: 1, delay_ms: 250 });

    const failure = await failureOf(amocrm.deliver(stepOf('hangup'), call, demo));
    // A call of a number that nobody has leaves no trace when it is refused.
    const reached = applied && !(path === 'v4/calls' && phone === UNKNOWN);
    expect(effects()).toBe(reached ? 1 : 0);
    expect(failure.maybeApplied || !reached).toBe(true);
    await control('behave', { peer: 'amocrm', mode: 'ok' });
    // What was held back arrives before the retry.
    await new Promise((resolve) => setTimeout(resolve, mode === 'slow' ? 200 : 30));

    const again = stepOf('hangup', [], failure.maybeApplied);
    const result = await amocrm.deliver(again, call, demo);
    expect(result.outcome).toBe('delivered');
    expect(effects()).toBe(1);
    expect(await amocrm.deliver(again, call, demo)).toMatchObject({ outcome: 'skipped' });
    expect(effects()).toBe(1);
  });

  strict('found among more calls than a page holds', async ({ demo, peers }) => {
    const store = async (index: number) =>
      amocrm.deliver(
        stepOf('hangup'),
        { ...CALL, mainUniqueId: `other.${index}` },
        { ...demo, memory: { read: async () => null, write: async () => {} } },
      );
    const noMemory = { ...demo, memory: { read: async () => null, write: async () => {} } };
    await amocrm.deliver(stepOf('hangup'), CALL, noMemory);
    for (let index = 0; index < 105; index += 1) await store(index);
    const again = await amocrm.deliver(stepOf('hangup', [], true), CALL, noMemory);
    expect(again).toMatchObject({ outcome: 'delivered', note: expect.stringContaining('уже был') });
    expect(peers.amocrm.account('demo').calls).toHaveLength(106);
  });

  test('not to be found in a reasonable time, it is left to a person', async () => {
    const text = JSON.stringify({
      _embedded: { events: [] },
      _links: { next: { href: 'https://demo.amocrm.ru/api/v4/events?page=2' } },
    });
    const { context, sent } = listening([{ text }]);
    const failure = await failureOf(amocrm.deliver(stepOf('hangup', [], true), CALL, context));
    expect(failure).toMatchObject({ failureClass: 'permanent' });
    expect(sent.every(({ method }) => method === 'GET')).toBe(true);
  });
});

describe('an access token that has expired', () => {
  strict('is renewed once, and the request repeated', async ({ demo, control, peers }) => {
    await control('amocrm/demo/expire');
    expect(await amocrm.deliver(stepOf('hangup'), CALL, demo)).toEqual(DELIVERED);
    expect(await amocrm.deliver(stepOf('dial', ['150']), CALL, demo)).toEqual(DELIVERED);
    const { calls, rotations, reused } = peers.amocrm.account('demo');
    expect({ calls: calls.length, rotations: rotations.length, reused }).toEqual({
      calls: 1,
      rotations: 1,
      reused: 0,
    });
  });

  strict('after a day, by itself', async ({ demo, clock, peers }) => {
    clock.now += 86_400_000;
    expect(await amocrm.deliver(stepOf('hangup'), CALL, demo)).toEqual(DELIVERED);
    expect(peers.amocrm.account('demo').rotations).toHaveLength(1);
  });

  strict('that never expires needs no renewal', async ({ demo, clock, peers }) => {
    clock.now += 365 * 86_400_000;
    const { refresh_token: _, ...config } = demo.config;
    const longLived = { ...config, access_token: 'demo-amocrm-long-lived-0367' };
    expect(await amocrm.deliver(stepOf('hangup'), CALL, { ...demo, config: longLived })).toEqual(
      DELIVERED,
    );
    expect(peers.amocrm.account('demo').rotations).toEqual([]);
  });

  strict('and no refresh token: a person has to act', async ({ demo, control }) => {
    await control('amocrm/demo/expire');
    const { refresh_token: _, ...config } = demo.config;
    const failure = await failureOf(amocrm.deliver(stepOf('hangup'), CALL, { ...demo, config }));
    expect(failure).toMatchObject({
      failureClass: 'auth',
      message: expect.stringContaining('долгосрочный токен'),
    });
  });

  strict.for([
    ['access was revoked', 'amocrm/demo/revoke', {}],
    ['the secret has changed', 'amocrm/demo', { clientSecret: 'another-secret' }],
    ['the redirect address has changed', 'amocrm/demo', { redirectUri: 'https://other.example' }],
  ] as const)('and %s: a person has to act', async ([, path, body], { demo, control }) => {
    await control('amocrm/demo/expire');
    await control(path, body);
    const failure = await failureOf(amocrm.deliver(stepOf('hangup'), CALL, demo));
    expect(failure).toMatchObject({
      failureClass: 'auth',
      message: expect.stringContaining('Подключите интеграцию заново'),
    });
  });

  strict.for([
    ['error500', { failureClass: 'retry' }],
    ['html', { failureClass: 'retry' }],
    ['hang', { failureClass: 'retry', timedOut: true }],
    ['error429', { failureClass: 'limit' }],
  ] as const)(
    'whose renewal meets %s waits, and nothing of the call was applied',
    async ([mode, expected], { demo, control }) => {
      await control('amocrm/demo/expire');
      await control('behave', { peer: 'amocrm', mode, path: 'oauth2', times: 1 });
      const failure = await failureOf(amocrm.deliver(stepOf('hangup'), CALL, demo));
      expect(failure).toMatchObject({ ...expected, maybeApplied: false });
    },
  );

  test('renewed by somebody else is taken over', async () => {
    const stored = { ...CONFIG, access_token: 'newer', refresh_token: 'newer-too' };
    const { context, sent } = listening([{ status: 401, text: problem(401) }, {}], {
      renewSettings: async (renew) => ({ ...stored, ...(await renew(stored)) }),
    });
    expect(await amocrm.deliver(stepOf('hangup'), CALL, context)).toEqual(DELIVERED);
    expect(sent.map(({ headers }) => headers?.['authorization'])).toEqual([
      'Bearer demo-amocrm-access-0367',
      'Bearer newer',
    ]);
  });

  test('and the new one is not taken either: a person has to act, no second renewal', async () => {
    const stored = { ...CONFIG, access_token: 'newer' };
    const { context, sent } = listening([{ status: 401, text: problem(401) }], {
      renewSettings: async () => stored,
    });
    const failure = await failureOf(amocrm.deliver(stepOf('hangup'), CALL, context));
    expect(failure).toMatchObject({ failureClass: 'auth', httpStatus: 401 });
    expect(sent).toHaveLength(2);
  });
});
