import { setTimeout as sleep } from 'node:timers/promises';

import { PlainError } from './plain-error.ts';

type UntilOptions = { over: AbortSignal; timeoutMs: number; late: string };

/** Asks again and again until the answer is yes. Rejects when the stack is over, or after the time limit with `late`. */
export async function until(
  isReady: () => Promise<boolean>,
  { over, timeoutMs, late }: UntilOptions,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isReady().catch(() => false))) {
    over.throwIfAborted();
    if (Date.now() > deadline) throw new PlainError(late);
    await sleep(50);
  }
}

export async function answersOk(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  const body = await response.text();
  // The local gateway answers 200 for a function that threw; its body says so.
  return response.ok && !body.includes('"errorType"');
}
