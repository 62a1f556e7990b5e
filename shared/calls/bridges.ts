/** Who was in which bridge and when, from joins and leaves that boxes lose, repeat and send out of order. */
import type { CallEvent } from './call-event.ts';

/** A stay of a channel in a bridge, in ms of arrival. `to` is Infinity while it is there. */
export type Stay = { bridgeId: string; uniqueId: string; from: number; to: number };

/** The intake takes the same body within this time for a repeat, and so do we. */
const REPEAT_MS = 30_000;

type Visit = { bridgeId: string; uniqueId: string; events: CallEvent[] };

/** All stays of a call, each channel in one bridge at a time. */
export function listStays(events: CallEvent[]): Stay[] {
  const visits = new Map<string, Visit>();
  for (const event of events) {
    const { kind, bridgeId, uniqueId } = event;
    if (kind !== 'bridge' && kind !== 'bridge_leave') continue;
    if (bridgeId === undefined || uniqueId === undefined) continue;
    const key = JSON.stringify([bridgeId, uniqueId]);
    const visit = visits.get(key) ?? { bridgeId, uniqueId, events: [] };
    visit.events.push(event);
    visits.set(key, visit);
  }
  const stays = [...visits.values()].flatMap((visit) => pairVisit(visit, events));
  return separateStays(stays.map((stay) => closeStay(stay, events)));
}

function pairVisit({ bridgeId, uniqueId, events }: Visit, all: CallEvent[]): Stay[] {
  const steps = events.filter((event, index) => !isRepeat(event, events[index - 1]));
  const stay = (from: number, to: number): Stay => ({ bridgeId, uniqueId, from, to });

  // Arrival was shuffled and every leave overtook its join.
  const joins = steps.filter(({ kind }) => kind === 'bridge').length;
  if (
    steps[0]?.kind === 'bridge_leave' &&
    steps.at(-1)?.kind === 'bridge' &&
    joins * 2 === steps.length
  ) {
    return steps.flatMap((leave, index) => {
      const join = steps[index + 1];
      return leave.kind === 'bridge_leave' && join
        ? [stay(+leave.receivedAt, +join.receivedAt)]
        : [];
    });
  }

  return steps.flatMap((step, index) => {
    const at = +step.receivedAt;
    if (step.kind === 'bridge') {
      const leave = steps[index + 1];
      return [stay(at, leave ? +leave.receivedAt : Infinity)];
    }
    // A leave whose join we never saw (a chain of two transfers): the channel was there all the same.
    const paired = steps[index - 1]?.kind === 'bridge';
    return paired ? [] : [stay(guessJoin({ bridgeId, uniqueId, at, all }), at)];
  });
}

function isRepeat(event: CallEvent, previous: CallEvent | undefined): boolean {
  if (event.kind !== previous?.kind) return false;
  return event.kind === 'bridge' || +event.receivedAt - +previous.receivedAt <= REPEAT_MS;
}

/** The channel came when it left its other bridge (back from a consult), else when this bridge first moved. */
function guessJoin(leave: {
  bridgeId: string;
  uniqueId: string;
  at: number;
  all: CallEvent[];
}): number {
  const before = leave.all.filter(({ receivedAt }) => +receivedAt < leave.at);
  const own = before.findLast(
    ({ kind, uniqueId }) => kind === 'bridge_leave' && uniqueId === leave.uniqueId,
  );
  if (own) return own.bridgeId === leave.bridgeId ? leave.at : +own.receivedAt;
  const first = before.find(({ bridgeId }) => bridgeId === leave.bridgeId);
  return first ? +first.receivedAt : leave.at;
}

/** A hangup of the channel, the end of the bridge or a bridge said to be empty end a stay that has no leave. */
function closeStay(stay: Stay, events: CallEvent[]): Stay {
  if (stay.to !== Infinity) return stay;
  const end = events.findLast(
    ({ kind, uniqueId, bridgeId, bridgeNumChannels, receivedAt }) =>
      (kind === 'hangup' && uniqueId === stay.uniqueId) ||
      (bridgeId === stay.bridgeId &&
        (kind === 'bridge_destroy' ||
          (kind === 'bridge_leave' && bridgeNumChannels === 0 && +receivedAt > stay.from))),
  );
  return end ? { ...stay, to: Math.max(stay.from, +end.receivedAt) } : stay;
}

/** A channel is in one bridge at a time: joining the next one ends the stay whose leave is late or lost. */
function separateStays(stays: Stay[]): Stay[] {
  const sorted = stays.toSorted((one, other) => one.from - other.from);
  return sorted.map((stay, index) => {
    const next = sorted.find(
      (other, position) => position > index && other.uniqueId === stay.uniqueId,
    );
    return next && next.from < stay.to ? { ...stay, to: next.from } : stay;
  });
}
