import { describe, expect, test } from 'vitest';

import { VendorFailure } from '../../shared/crm/failure.ts';
import { judgeFailure } from '../../shared/deliveries/after-attempt.ts';

const MIDDLE = () => 0.5;
const judge = (error: unknown, attempt = 1, random = MIDDLE) =>
  judgeFailure(error, attempt, random);
const retry = (details: ConstructorParameters<typeof VendorFailure>[2] = {}) =>
  new VendorFailure('retry', 'RetailCRM не ответила вовремя', details);

const QUIET = { pause: false, retryInSeconds: null, staysQueued: false };

describe('the class of a failure decides', () => {
  test.each<[rule: string, error: unknown, expected: object]>([
    [
      'permanent: failed',
      new VendorFailure('permanent', 'Поле date'),
      { ...QUIET, state: 'failed', problem: 'Поле date' },
    ],
    [
      'auth: parked, and the integration is paused',
      new VendorFailure('auth', 'Ключ API неверный'),
      { ...QUIET, state: 'parked', pause: true, problem: 'Ключ API неверный' },
    ],
    [
      'retry: tried again',
      retry(),
      { state: 'retrying', pause: false, retryInSeconds: 5, staysQueued: true },
    ],
    [
      'limit: tried again',
      new VendorFailure('limit', 'Слишком часто'),
      { state: 'retrying', pause: false, retryInSeconds: 5 },
    ],
    [
      'an error of our own: failed, and our words stay inside',
      new TypeError('x is undefined'),
      { ...QUIET, state: 'failed', problem: 'Внутренняя ошибка Trunkline' },
    ],
  ])('%s', (_rule, error, expected) => {
    expect(judge(error)).toMatchObject(expected);
  });
});

describe('the pause before the next attempt', () => {
  test.each([
    [1, 5, 'on the queue'],
    [2, 30, 'on the queue'],
    [3, 120, 'on the queue'],
    [4, 600, 'off the queue'],
    [5, 3600, 'off the queue'],
    [6, 14_400, 'off the queue'],
    [7, 39_600, 'off the queue'],
  ])('after attempt %d is %d s, %s', (attempt, retryInSeconds, where) => {
    const expected = { state: 'retrying', retryInSeconds, staysQueued: where === 'on the queue' };
    expect(judge(retry(), attempt)).toMatchObject(expected);
  });

  test.each(['retry', 'limit'] as const)(
    'after the eighth %s there is none: failed',
    (failureClass) => {
      const failure = new VendorFailure(failureClass, 'Нет связи', { retryAfterSeconds: 1 });
      expect(judge(failure, 8)).toMatchObject({ ...QUIET, state: 'failed', problem: 'Нет связи' });
    },
  );

  test.each([
    ['shortest', 0, 480],
    ['longest', 1, 720],
  ])('varies by a fifth: the %s', (_which, drawn, seconds) => {
    expect(judge(retry(), 4, () => drawn).retryInSeconds).toBeCloseTo(seconds);
  });

  test('that varies beyond two minutes leaves the queue', () => {
    expect(judge(retry(), 3, () => 0.6)).toMatchObject({ state: 'retrying', staysQueued: false });
  });

  test.each([
    [7, true],
    [120, true],
    [121, false],
  ])('is the %d s that the vendor named', (retryAfterSeconds, staysQueued) => {
    const failure = new VendorFailure('limit', 'Слишком часто', { retryAfterSeconds });
    expect(judge(failure, 1)).toMatchObject({ retryInSeconds: retryAfterSeconds, staysQueued });
  });
});

describe('what the verdict keeps of the failure', () => {
  test.each<[what: string, error: unknown, expected: object]>([
    ['that it may have been applied', retry({ maybeApplied: true }), { maybeApplied: true }],
    ['that nothing can have been applied', retry(), { maybeApplied: false }],
    ['that it was a time-out', retry({ timedOut: true }), { timedOut: true }],
    ['the HTTP status', retry({ httpStatus: 502 }), { httpStatus: 502 }],
    ['that there was no answer', retry(), { httpStatus: null }],
  ])('%s', (_what, error, expected) => {
    expect(judge(error)).toMatchObject(expected);
    expect(judge(error, 8)).toMatchObject(expected);
  });
});
