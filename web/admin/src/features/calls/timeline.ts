/** The geometry of a call's picture. Pure: moments are milliseconds, places are per cent of the width. */

export type SegmentKind = 'wait' | 'ring' | 'talk';
export type Segment = { kind: SegmentKind; from: number; to: number };
/** `who` is null for the client (of an internal call: who called). */
export type Lane = { who: string | null; segments: Segment[] };
export type Timeline = { from: number; to: number; lanes: Lane[] };

export type TimelineCall = {
  started_at: string;
  answered_at: string | null;
  ended_at: string | null;
  rang: string[];
  talkers: { extension: string; from: string; to: string | null }[];
  events: {
    event: string;
    source: 'live' | 'downloaded';
    received_at: string;
    payload: Record<string, unknown>;
  }[];
};

type Interval = { from: number; to: number };
type Ring = { extensions: string[]; at: number };

/** Shorter ones could not be seen, nor divided by. */
const SHORTEST_MS = 1_000;

/** Who waited, rang and talked when. Everything lies within the span of the call, and in a lane nothing overlaps. */
export function timelineOf(call: TimelineCall, now: Date): Timeline {
  const from = momentOf(call.started_at);
  const talks = call.talkers.map(({ extension, ...talk }) => ({
    extension,
    from: momentOf(talk.from),
    to: talk.to === null ? now.getTime() : momentOf(talk.to),
  }));
  const ended = call.ended_at === null ? now.getTime() : momentOf(call.ended_at);
  const to = Math.max(ended, from + SHORTEST_MS, ...talks.map((talk) => talk.to));
  const span = { from, to };

  const rings = ringsOf(call);
  const people = new Set([...call.rang, ...talks.map(({ extension }) => extension)]);
  const talking = merged(talks.map((talk) => within(talk, span)));

  const ours = [...people].map((who): Lane => {
    const own = merged(
      talks.filter(({ extension }) => extension === who).map((talk) => within(talk, span)),
    );
    const rang = merged(
      rings.flatMap((ring, index) => ringingOf(who, ring, rings[index + 1], own, talking, span)),
    );
    return {
      who,
      segments: inOrder([
        ...without(rang, own).map((ring) => ({ kind: 'ring' as const, ...ring })),
        ...own.map((talk) => ({ kind: 'talk' as const, ...talk })),
      ]),
    };
  });
  const clientEnd = Math.min(Math.max(ended, talking.at(-1)?.to ?? 0), to);
  const client = inOrder([
    ...without([{ from, to: clientEnd }], talking).map((wait) => ({
      kind: 'wait' as const,
      ...wait,
    })),
    ...talking.map((talk) => ({ kind: 'talk' as const, ...talk })),
  ]);
  return { ...span, lanes: [{ who: null, segments: client }, ...ours] };
}

/** Where a segment stands in the picture, in per cent. */
export function placeOf({ from, to }: Interval, span: Interval): { left: number; width: number } {
  const whole = span.to - span.from;
  return { left: ((from - span.from) / whole) * 100, width: ((to - from) / whole) * 100 };
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600];
const MOST_TICKS = 7;

/** Round seconds since the start, for the axis: never more than seven. */
export function ticksOf({ from, to }: Interval): number[] {
  const seconds = (to - from) / 1000;
  const step =
    STEPS_S.find((size) => seconds / size < MOST_TICKS) ??
    Math.ceil(seconds / MOST_TICKS / 3_600) * 3_600;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_tick, index) => index * step);
}

/** Downloaded events came long after: their arrival says nothing of when somebody rang. */
function ringsOf({ events }: TimelineCall): Ring[] {
  return events
    .filter(({ event, source }) => event === 'dial' && source === 'live')
    .map(({ payload, received_at: at }) => ({
      extensions: textsOf(payload['Extensions']),
      at: momentOf(at),
    }))
    .toSorted((a, b) => a.at - b.at);
}

/** It rings until somebody answers, until others are dialled, or until the call ends. */
function ringingOf(
  who: string,
  { extensions, at }: Ring,
  next: Ring | undefined,
  own: Interval[],
  talking: Interval[],
  span: Interval,
): Interval[] {
  if (!extensions.includes(who)) return [];
  const answered = [...own, ...talking].map(({ from }) => from).filter((from) => from >= at);
  const ring = within({ from: at, to: Math.min(next?.at ?? span.to, span.to, ...answered) }, span);
  return ring.to > ring.from ? [ring] : [];
}

function within({ from, to }: Interval, span: Interval): Interval {
  const clamp = (moment: number): number => Math.min(Math.max(moment, span.from), span.to);
  return { from: clamp(from), to: Math.max(clamp(from), clamp(to)) };
}

function merged(intervals: Interval[]): Interval[] {
  const result: Interval[] = [];
  for (const { from, to } of intervals.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result.filter(({ from, to }) => to > from);
}

/** What of the intervals is not covered. `covers` are in order and apart. */
function without(intervals: Interval[], covers: Interval[]): Interval[] {
  return intervals.flatMap((interval) => {
    const left: Interval[] = [];
    let { from } = interval;
    for (const cover of covers) {
      if (cover.to <= from || cover.from >= interval.to) continue;
      if (cover.from > from) left.push({ from, to: cover.from });
      from = cover.to;
    }
    if (from < interval.to) left.push({ from, to: interval.to });
    return left;
  });
}

const inOrder = (segments: Segment[]): Segment[] => segments.toSorted((a, b) => a.from - b.from);
const momentOf = (iso: string): number => new Date(iso).getTime();
const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((text): text is string => typeof text === 'string') : [];
