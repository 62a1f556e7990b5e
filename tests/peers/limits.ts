import type { Clock } from './peer.ts';

export type Limit =
  /** At most `count` in any `perMs`. */
  | { kind: 'window'; count: number; perMs: number }
  /** One every `everyMs`, with `burst` tolerated after a pause. */
  | { kind: 'bucket'; burst: number; everyMs: number };

/** Counts what vendors count. The clock is an argument so that no test waits a minute. */
export function createLimiter(now: Clock) {
  const windows = new Map<string, number[]>();
  const buckets = new Map<string, number>();

  function waitFor(key: string, limit: Limit, at: number): number {
    if (limit.kind === 'bucket') {
      return Math.max(0, (buckets.get(key) ?? 0) - at - (limit.burst - 1) * limit.everyMs);
    }
    const recent = (windows.get(key) ?? []).filter((hit) => hit > at - limit.perMs);
    windows.set(key, recent);
    const oldest = recent.at(-limit.count);
    return oldest === undefined ? 0 : oldest + limit.perMs - at;
  }

  function spend(key: string, limit: Limit, at: number): void {
    if (limit.kind === 'bucket') {
      buckets.set(key, Math.max(at, buckets.get(key) ?? 0) + limit.everyMs);
    } else {
      windows.get(key)?.push(at);
    }
  }

  return {
    /** 0 when every limit has room (it is taken then), else the milliseconds to wait. */
    take(limits: [key: string, limit: Limit][]): number {
      const at = now();
      const wait = Math.max(0, ...limits.map(([key, limit]) => waitFor(key, limit, at)));
      if (wait === 0) for (const [key, limit] of limits) spend(key, limit, at);
      return wait;
    },
    reset() {
      windows.clear();
      buckets.clear();
    },
  };
}
