import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { keepWriting } from '../../shared/db.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const away = () =>
  Object.assign(new Error('the database system is starting up'), { code: '57P03' });

test('a write is tried on until the database is there again', async () => {
  const write = vi
    .fn<() => Promise<string>>()
    .mockRejectedValueOnce(away())
    .mockRejectedValueOnce(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
    .mockResolvedValue('written');
  const writing = keepWriting(write);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await writing).toBe('written');
  expect(write).toHaveBeenCalledTimes(3);
});

test('what is wrong with the write itself is said at once', async () => {
  const wrong = Object.assign(new Error('no such call'), { code: '23503' });
  const write = vi.fn<() => Promise<string>>().mockRejectedValue(wrong);
  await expect(keepWriting(write)).rejects.toThrow('no such call');
  expect(write).toHaveBeenCalledTimes(1);
});

test('not for ever: a function has a time limit', async () => {
  const writing = keepWriting(() => Promise.reject(away()));
  const [outcome] = await Promise.all([
    Promise.allSettled([writing]),
    vi.advanceTimersByTimeAsync(9_000),
  ]);
  expect(outcome).toMatchObject([{ status: 'rejected' }]);
});
