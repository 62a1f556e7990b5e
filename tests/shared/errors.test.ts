import { describe, expect, test } from 'vitest';

import { AppError, ComeBackLater, type ErrorCode } from '../../shared/errors.ts';

describe('AppError', () => {
  test.each<[ErrorCode, number]>([
    ['bad_request', 400],
    ['unauthorized', 401],
    ['forbidden', 403],
    ['not_found', 404],
    ['conflict', 409],
    ['too_large', 413],
    ['unprocessable', 422],
    ['too_many', 429],
    ['upstream', 502],
    ['unavailable', 503],
  ])('%s has the status %d', (code, status) => {
    expect(new AppError(code, 'A sentence')).toMatchObject({ name: 'AppError', code, status });
  });

  test('keeps the sentence, the fields, the pause and the cause', () => {
    const cause = new Error('why');
    const errors = [{ path: 'phone', message: 'must be a number' }];
    const error = new AppError('unprocessable', 'A sentence', {
      cause,
      errors,
      retryAfterSeconds: 3,
    });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ message: 'A sentence', cause, errors, retryAfterSeconds: 3 });
  });
});

describe('ComeBackLater', () => {
  test.each([
    [5, 5],
    [0, 1],
    [0.1, 1],
    [-1, 1],
  ])('after %d s means %d whole ones: queues know no others', (asked, afterSeconds) => {
    expect(new ComeBackLater(asked, 'busy')).toMatchObject({ afterSeconds, message: 'busy' });
  });

  test('is not an AppError: no caller is told of it', () => {
    expect(new ComeBackLater(1, 'busy')).not.toBeInstanceOf(AppError);
  });
});
