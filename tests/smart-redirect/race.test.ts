import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { preferredAnswer } from '../../shared/smart-redirect/race.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const PATIENCE = { preferredMs: 300, budgetMs: 2_500 };

/** Asks several, each answering after so many ms; `undefined`: knows nobody, no time: never answers. */
async function race(...each: [value: string | undefined, ms?: number][]) {
  const began = Date.now();
  const asked = each.map(
    ([value, ms]) =>
      new Promise<string | undefined>((resolve) => {
        if (ms !== undefined) setTimeout(() => resolve(value), ms);
      }),
  );
  const ended = preferredAnswer(asked, PATIENCE).then((answer) => [answer, Date.now() - began]);
  await vi.runAllTimersAsync();
  return ended;
}

test.each([
  [
    'the preferred one is not waited with',
    [
      ['a', 200],
      ['b', 500],
    ],
    ['a', 200],
  ],
  [
    'a less preferred one waits for it',
    [
      ['a', 400],
      ['b', 200],
    ],
    ['a', 400],
  ],
  [
    'and no longer than 300 ms',
    [
      ['a', 600],
      ['b', 200],
    ],
    ['b', 500],
  ],
  [
    'not at all when it knows nobody',
    [
      [undefined, 50],
      ['b', 200],
    ],
    ['b', 200],
  ],
  [
    'the wait ends when it turns out to know nobody',
    [
      [undefined, 300],
      ['b', 200],
    ],
    ['b', 300],
  ],
  [
    'the best of what came meanwhile counts',
    [
      ['a', 900],
      ['b', 450],
      ['c', 200],
    ],
    ['b', 500],
  ],
  [
    'nobody knows anybody',
    [
      [undefined, 10],
      [undefined, 70],
    ],
    [undefined, 70],
  ],
  ['nobody answers', [['a'], ['b']], [undefined, 2_500]],
  ['one answers just before the end', [['a'], ['b', 2_400]], ['b', 2_500]],
  ['nobody is asked', [], [undefined, 0]],
] as [string, [string | undefined, number?][], unknown][])('%s', async (_name, each, expected) => {
  expect(await race(...each)).toEqual(expected);
});
