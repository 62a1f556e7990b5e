/** The call's times. What the box wrote wins; what only arrival tells is put on the box's clock. */

import type { CallEvent } from './call-event.ts';
import type { Direction } from './call.ts';
import { readBoxTime } from './local-time.ts';
import { isSameNumber } from './numbers.ts';
import type { Parties } from './parties.ts';
import type { Stint } from './talkers.ts';

/** A start further from its end than this is an odd clock, not a call. */
const LONGEST_CALL_MS = 24 * 60 * 60_000;

export type Clock = {
  startedAt: Date;
  endedAt: Date | null;
  /** When the main channel went; earlier than `endedAt` if the client was passed on and talked longer. */
  mainEndedAt: Date | null;
  /** The box's time of a moment of arrival, kept within the call. */
  read: (arrivedAt: number) => Date;
  /** A time the box wrote, kept within the call: its fields need not agree with each other. */
  keep: (moment: Date) => Date;
};

export type ClockOptions = {
  timezone: string;
  mainHangup: CallEvent | undefined;
  /** When the reaper ended the call: there is no hangup to ask. */
  reapedAt: Date | undefined;
  /** See findLegAfterEnd and findTalkAfterEnd. */
  lastLeg: CallEvent | undefined;
  lastTalk: number | undefined;
};

export function setClock(events: CallEvent[], options: ClockOptions): Clock {
  const { timezone, mainHangup, reapedAt, lastLeg, lastTalk } = options;
  const skew = measureSkew(events, timezone);
  const unskew = (moment: Date) => new Date(+moment - skew);
  const firstArrival = unskew(events[0]?.receivedAt ?? new Date(0));

  const end = mainHangup
    ? (readBoxTime(mainHangup.endTime, timezone) ?? unskew(mainHangup.receivedAt))
    : reapedAt && unskew(reapedAt);
  const startedAt = findStart(mainHangup, end, timezone) ?? firstArrival;
  const legEnd = readBoxTime(lastLeg?.endTime, timezone);
  const endedAt = end ? latest([startedAt, end, ...(legEnd ? [legEnd] : [])]) : null;
  const lastMoment = endedAt ? Math.max(+endedAt, (lastTalk ?? 0) - skew) : Infinity;

  const clamp = (moment: number) => new Date(Math.max(+startedAt, Math.min(moment, lastMoment)));
  return {
    startedAt,
    endedAt,
    mainEndedAt: end ?? null,
    read: (arrivedAt) => clamp(arrivedAt - skew),
    keep: (moment) => clamp(+moment),
  };
}

/**
 * How much later than by its own clock the box's events reach us. A retry can only add to it, so the smallest of the
 * call's hangups is the true one. Zero while nothing has hung up.
 */
function measureSkew(events: CallEvent[], timezone: string): number {
  const skews = events.flatMap(({ kind, endTime, receivedAt }) => {
    const end = kind === 'hangup' ? readBoxTime(endTime, timezone) : undefined;
    return end ? [+receivedAt - +end] : [];
  });
  return skews.length === 0 ? 0 : Math.min(...skews);
}

/** Internal legs leave StartTime empty; DateReceived is the nearest thing the box knows. */
function findStart(hangup: CallEvent | undefined, end: Date | undefined, timezone: string) {
  const start =
    readBoxTime(hangup?.startTime, timezone) ?? readBoxTime(hangup?.dateReceived, timezone);
  if (!start || !end) return start;
  return +end - +start <= LONGEST_CALL_MS ? start : undefined;
}

/**
 * An outgoing call whose caller passed the client on: his own (main) channel is gone, the client's runs the dialplan
 * and hangs up later, as a transfer leg with the client's number.
 */
export function findLegAfterEnd(
  events: CallEvent[],
  call: { direction: Direction; phone: string | null; mainHangup: CallEvent | undefined },
): CallEvent | undefined {
  const mainEnd = call.mainHangup?.endTime;
  if (call.direction !== 'out' || mainEnd === undefined) return undefined;
  // Both are wall times of one box, so they compare as text.
  return events
    .filter(
      ({ kind, uniqueId, callType, phone, endTime }) =>
        kind === 'hangup' &&
        uniqueId !== call.mainHangup?.uniqueId &&
        callType === 2 &&
        isSameNumber(phone, call.phone) &&
        endTime !== undefined &&
        endTime > mainEnd,
    )
    .toSorted((one, other) => ((one.endTime ?? '') < (other.endTime ?? '') ? -1 : 1))
    .at(-1);
}

/**
 * The same seen by bridges, of a box that hangs up no leg for it: the client goes on with somebody whose channel is
 * not the main one. That is told by arrival alone, so it lengthens the talk but does not move the end the box wrote.
 */
export function findTalkAfterEnd(
  stints: Stint[],
  { direction, main, channels }: Parties,
): number | undefined {
  const caller = channels.get(main);
  if (direction !== 'out' || caller?.side !== 'inside') return undefined;
  return stints
    .filter(({ extension, to }) => extension !== caller.extension && to !== Infinity)
    .map(({ to }) => to)
    .toSorted((one, other) => one - other)
    .at(-1);
}

export function countSeconds(from: Date, to: Date): number {
  return Math.max(0, Math.round((+to - +from) / 1000));
}

/** Seconds covered by the stretches; where two people talk at once the time counts once. */
export function countUnion(stretches: { from: Date; to: Date }[]): number {
  let covered = 0;
  let until = -Infinity;
  for (const { from, to } of stretches.toSorted((one, other) => +one.from - +other.from)) {
    covered += Math.max(0, +to - Math.max(+from, until));
    until = Math.max(until, +to);
  }
  return Math.round(covered / 1000);
}

function latest(moments: Date[]): Date {
  return new Date(Math.max(...moments.map(Number)));
}
