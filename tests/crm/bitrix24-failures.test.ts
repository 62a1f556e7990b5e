import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, test as plain } from 'vitest';

import { bitrix24 } from '../../shared/crm/bitrix24/crm.ts';
import type { CallStep } from '../../shared/crm/crm.schema.ts';
import type { CallSnapshot } from '../../shared/crm/crm.ts';
import { VendorFailure } from '../../shared/crm/failure.ts';
import { OutboundError } from '../../shared/outbound.ts';
import type { Mode } from '../peers/behaviour.ts';
import { type Bitrix24World, type Context, SECRET, test } from '../peers/bitrix24-fixture.ts';
import { createLimiter } from '../peers/limits.ts';
import { CALL } from '../support/crm-call.ts';
import { createTestTools } from '../support/crm-tools.ts';

const CONFIG = { webhook_url: `https://demo.bitrix24.ru/rest/1/${SECRET}/`, user_id: '1' };
const HTML = '<!DOCTYPE html><html><body>Технические работы</body></html>';

/** A context whose every request gets this answer. */
function answering(status: number, body: object | string): Context {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const send = async () => ({ status, headers: {}, text });
  return { ...createTestTools({ send }), config: CONFIG };
}

async function failureOf(context: Context, step: CallStep = 'dial'): Promise<VendorFailure> {
  const error: unknown = await bitrix24
    .deliver({ step, extensions: ['151'], maybeApplied: false }, CALL, context)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(VendorFailure);
  return error as VendorFailure;
}

const says = (error: string, error_description = '') => ({ error, error_description });

describe('what a refusal means', () => {
  plain.each<[what: string, status: number, body: object | string, failureClass: string]>([
    ['a wrong secret', 401, says('INVALID_CREDENTIALS', 'Invalid request credentials'), 'auth'],
    ['a wrong secret, as the documents have it', 401, says('NO_AUTH_FOUND'), 'auth'],
    ['plain http', 400, says('INVALID_REQUEST', 'Https required'), 'auth'],
    ['an expired webhook', 401, says('expired_token'), 'auth'],
    ['a scope that is missing', 403, says('insufficient_scope'), 'auth'],
    ['a plan without REST', 403, says('ACCESS_DENIED'), 'auth'],
    ['a portal that wants an application', 403, says('WRONG_AUTH_TYPE'), 'auth'],
    ['an owner without access', 403, says('user_access_error'), 'auth'],
    ['a malformed webhook', 404, says('ERROR_METHOD_NOT_FOUND', 'Method not found!'), 'auth'],
    ['a portal blocked by the vendor: 503 all the same', 503, says('OVERLOAD_LIMIT'), 'auth'],
    ['a portal that is gone: 500 all the same', 500, says('PORTAL_DELETED'), 'auth'],
    ['a 402 without a word', 402, says('', 'Payment required'), 'auth'],
    ['too many requests', 503, says('QUERY_LIMIT_EXCEEDED', 'Too many requests'), 'limit'],
    ['a method without time', 429, says('OPERATION_TIME_LIMIT'), 'limit'],
    ['a 429 in other words', 429, says('TOO_MANY'), 'limit'],
    ['an error of theirs', 500, says('INTERNAL_SERVER_ERROR'), 'retry'],
    ['an answer they did not expect', 500, says('ERROR_UNEXPECTED_ANSWER'), 'retry'],
    ['a broken database', 400, says('ERROR_CORE', 'Unexpected database error'), 'retry'],
    ['a wrong type', 400, says('ERROR_CORE', 'Unknown TYPE'), 'permanent'],
    [
      'a number that is none',
      400,
      says('ERROR_CORE', 'Unsupported phone number format'),
      'permanent',
    ],
    ['an error without a code or a word', 400, says(''), 'permanent'],
    ['an answer of another shape', 200, { result: { ID: 7 } }, 'permanent'],
    ['a page instead of JSON', 200, HTML, 'retry'],
    ['a page for an unknown portal', 404, HTML, 'retry'],
    ['a broken gateway', 502, HTML, 'retry'],
    ['nothing', 200, '', 'retry'],
    ['JSON that is no object', 200, '"ok"', 'retry'],
    ['JSON without a result', 200, {}, 'retry'],
  ])('%s', async (_what, status, body, failureClass) => {
    expect(await failureOf(answering(status, body))).toMatchObject({ failureClass });
  });

  plain.each<[number, boolean]>([
    [200, true],
    [404, false],
    [500, false],
    [502, true],
    [504, true],
  ])('a page with %d may hide that it was applied: %s', async (status, maybeApplied) => {
    expect(await failureOf(answering(status, HTML))).toMatchObject({ maybeApplied });
  });

  plain('a method without time names the moment it works again', async () => {
    const time = { finish: 1_773_130_779.4, operating_reset_at: 1_773_131_000 };
    const failure = await failureOf(answering(429, { ...says('OPERATION_TIME_LIMIT'), time }));
    expect(failure.retryAfterSeconds).toBe(221);
  });

  plain.each<[what: string, error: OutboundError, expected: object]>([
    [
      'no answer in time',
      new OutboundError('timeout', '', { sent: true }),
      { timedOut: true, maybeApplied: true },
    ],
    [
      'no connection in time',
      new OutboundError('timeout', '', { sent: false }),
      { timedOut: true, maybeApplied: false },
    ],
    [
      'a cut connection',
      new OutboundError('network', '', { sent: true }),
      { timedOut: false, maybeApplied: true },
    ],
    [
      'a private address',
      new OutboundError('refused_address', '', { sent: false }),
      { failureClass: 'auth' },
    ],
  ])('%s', async (_what, error, expected) => {
    const send = () => Promise.reject(error);
    expect(await failureOf({ ...createTestTools({ send }), config: CONFIG })).toMatchObject(
      expected,
    );
  });

  plain('an error of our own stays what it is', async () => {
    const send = () => Promise.reject(new TypeError('x is undefined'));
    const context = { ...createTestTools({ send }), config: CONFIG };
    const step = { step: 'dial', extensions: ['151'], maybeApplied: false } as const;
    const run = bitrix24.deliver({ ...step, extensions: ['151'] }, CALL, context);
    await expect(run).rejects.toBeInstanceOf(TypeError);
  });

  test('a portal for applications is explained', async ({ world }) => {
    await world.control('bitrix24/demo', { wrongAuthType: true });
    await expect(world.deliver('dial')).rejects.toMatchObject({
      failureClass: 'auth',
      message: expect.stringContaining('локальное приложение'),
    });
    await expect(world.deliver('hangup')).rejects.toMatchObject({ failureClass: 'auth' });
  });

  test.for(['html', 'error500', 'cut', 'hang'] as const)(
    'the secret is in no error: %s',
    async (mode, { world }) => {
      await world.misbehave(mode);
      const error = await world
        .deliver('dial', { extensions: ['151'] })
        .catch((thrown: unknown) => thrown);
      const { message, cause } = error as VendorFailure;
      expect(message).toMatch(/Bitrix24/);
      const told = [message, String(cause), cause instanceof Error ? cause.stack : ''].join();
      expect(told).not.toContain(SECRET);
    },
  );
});

/** As the dispatcher does it: again while it may help, and never forgetting what may have been applied. */
async function persist(world: Bitrix24World, step: CallStep, call: Partial<CallSnapshot> = {}) {
  let maybeApplied = false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { attempt, result: await world.deliver(step, { call, maybeApplied }) };
    } catch (error) {
      if (!(error instanceof VendorFailure) || attempt === 4) throw error;
      expect(['retry', 'limit']).toContain(error.failureClass);
      maybeApplied ||= error.maybeApplied;
      // What is slow has come through by the time of the next attempt.
      await sleep(300);
    }
  }
}

const MODES: Mode[] = [
  'hang',
  'slow',
  'error500',
  'error429',
  'html',
  'cut',
  'cut_before',
  'applied_then_hang',
];
const recorded = { recordingDirectUrl: 'https://store.example/1757840723.6.mp3' };

describe.concurrent('whatever goes wrong, the call is entered once', () => {
  const trouble = (mode: Mode) => ({ peer: 'bitrix24', mode, times: 1, delay_ms: 650 });

  test.for(MODES)('%s at the hangup', async (mode, { world }) => {
    await world.deliver('dial');
    await world.control('behave', trouble(mode));
    await persist(world, 'hangup');
    expect(world.counts()).toMatchObject({ journal: 1, doubled: 0, live: 0, cardsOpen: 0 });
  });

  test.for(MODES)('%s at the hangup of a call without a card', async (mode, { world }) => {
    await world.control('behave', trouble(mode));
    await persist(world, 'hangup');
    expect(world.counts()).toMatchObject({ journal: 1, doubled: 0, live: 0, cardsShown: 0 });
  });

  test.for(MODES)('%s at a late call, long after it', async (mode, { world }) => {
    world.clock.advance(5 * 3_600_000);
    await world.control('behave', trouble(mode));
    await persist(world, 'download', recorded);
    expect(world.counts()).toMatchObject({ journal: 1, doubled: 0, live: 0, records: 1 });
  });

  test.for(MODES)('%s at the recording', async (mode, { world }) => {
    await world.deliver('hangup');
    await world.control('behave', trouble(mode));
    await persist(world, 'recording', recorded);
    expect(world.counts()).toMatchObject({ journal: 1, records: 1 });
  });

  test.for(MODES)('%s at the dial, never told again, then the hangup', async (mode, { world }) => {
    await world.control('behave', { ...trouble(mode), path: 'batch|register' });
    await world.deliver('dial').catch(() => undefined);
    await sleep(300);
    await persist(world, 'hangup');
    expect(world.counts()).toMatchObject({ journal: 1, doubled: 0, live: 0, cardsOpen: 0 });
  });

  test.for(['error500', 'error429', 'cut_before'] as const)(
    '%s at the dial, told again: one card each',
    async (mode, { world }) => {
      await world.control('behave', { ...trouble(mode), path: 'batch' });
      await persist(world, 'dial');
      expect(world.counts()).toMatchObject({ registered: 1, cardsShown: 2, cardsOpen: 2 });
    },
  );

  test('a replay from the admin does not double it', async ({ world }) => {
    await world.deliver('dial');
    await world.deliver('hangup');
    expect(await world.deliver('hangup')).toMatchObject({ outcome: 'delivered' });
    expect(world.counts()).toMatchObject({ journal: 1, doubled: 0 });
  });

  test('a registration that the portal forgot is made again', async ({ world }) => {
    await world.deliver('dial');
    world.portal.live.clear();
    await world.deliver('hangup');
    expect(world.counts()).toMatchObject({ journal: 1, live: 0 });
  });

  test('where nobody may read the journal, doubt is not resolved by doubling', async ({
    world,
  }) => {
    await world.control('bitrix24/demo', { statisticsView: false });
    await world.misbehave('cut');
    await expect(world.deliver('download')).rejects.toMatchObject({ maybeApplied: true });
    await expect(world.deliver('download', { maybeApplied: true })).rejects.toMatchObject({
      failureClass: 'permanent',
      message: expect.stringContaining('Статистика звонков'),
    });
    expect(world.counts()).toMatchObject({ journal: 1, doubled: 0 });
  });

  test('an end told twice is known by the answer alone', async ({ world }) => {
    await world.control('bitrix24/demo', { statisticsView: false });
    await world.deliver('dial');
    await world.misbehave('cut');
    await persist(world, 'hangup');
    expect(await world.deliver('hangup')).toMatchObject({ outcome: 'delivered' });
    expect(world.counts()).toMatchObject({ journal: 1, finishedAgain: 2 });
  });

  test('a refusal at the door leaves no doubt', async ({ world }) => {
    await world.control('bitrix24/demo', { statisticsView: false });
    await world.misbehave('error429');
    await persist(world, 'download');
    expect(world.counts()).toMatchObject({ journal: 1 });
  });
});

describe('the limits of a portal', () => {
  test('too many requests at once are a limit, and pass', async ({ world }) => {
    await Promise.all(Array.from({ length: 50 }, () => world.rest('profile')));
    await expect(world.deliver('dial')).rejects.toMatchObject({ failureClass: 'limit' });
    world.clock.advance(2_000);
    expect(await world.deliver('dial')).toMatchObject({ outcome: 'delivered' });
  });

  test('a method without time waits until its reset', async ({ world }) => {
    const method = 'telephony.externalcall.register';
    await world.control('bitrix24/demo', { operatingCost: { [method]: 480 } });
    await world.deliver('dial', { extensions: ['151'] });
    const memory = createTestTools().memory;
    const dial = () =>
      bitrix24.deliver(
        { step: 'dial', extensions: ['151'], maybeApplied: false },
        { ...CALL, mainUniqueId: '1757840723.7' },
        { ...world.context, memory },
      );
    await expect(dial()).rejects.toMatchObject({
      failureClass: 'limit',
      retryAfterSeconds: 600,
    });
    world.clock.advance(601_000);
    expect(await dial()).toMatchObject({ outcome: 'delivered' });
  });

  plain('our own rate, two requests a step, never meets them', () => {
    let now = 0;
    const limiter = createLimiter(() => now);
    const { perSecond, burst } = bitrix24.rate;
    let tokens = burst;
    let refused = 0;
    for (; now < 300_000; now += 100) {
      tokens = Math.min(burst, tokens + perSecond / 10);
      for (; tokens >= 1; tokens -= 1) {
        for (const _ of ['first', 'second']) {
          if (limiter.take([['demo', { kind: 'bucket', burst: 50, everyMs: 500 }]]) > 0)
            refused += 1;
        }
      }
    }
    expect(refused).toBe(0);
  });
});
