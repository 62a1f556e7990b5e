type Clock = {
  now: () => number;
  sleep: (ms: number) => Promise<void>;
};

const MOST = 20;
/** A little over a second: the vendor counts arrivals, and requests do not all take the same time on the way. */
const WINDOW_MS = 1_100;

/** Lets at most 20 requests a second go to each endpoint; the others wait for their turn. */
export function createPace({ now, sleep }: Clock) {
  const sent = new Map<string, number[]>();

  /** Resolves when a request to this endpoint may go. */
  return async function turn(endpoint: string): Promise<void> {
    const turns = sent.get(endpoint) ?? [];
    // Turns may lie in the future: each takes its own before it waits.
    const before = turns.at(-MOST);
    const at = before === undefined ? now() : Math.max(now(), before + WINDOW_MS);
    sent.set(endpoint, [...turns.slice(1 - MOST), at]);
    if (at > now()) await sleep(at - now());
  };
}
