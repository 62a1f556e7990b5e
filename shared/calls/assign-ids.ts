import type { CallEvent } from './call-event.ts';
import { compareTexts } from './unique-id.ts';

/** An event with the call it was given to so far; `isCall` when that is a call people can see already. */
export type AssignedEvent = CallEvent & {
  callId: string | null;
  isCall: boolean;
  /** Sent by the box, or made of its call list or a recording afterwards. */
  source?: 'live' | 'downloaded';
};
export type Assignment = { callId: string; events: AssignedEvent[] };

/**
 * Gives every group of events its call id: of the ids its events already have and no earlier group took, the oldest
 * that people can see, else the oldest, else a new one. `merged` names the calls that lost all their events to another one.
 * Ids are uuid v7, so the smallest is the oldest.
 */
export function assignIds(
  groups: AssignedEvent[][],
  newId: () => string,
): { assignments: Assignment[]; merged: { from: string; into: string }[] } {
  const taken = new Set<string>();
  const assignments = groups
    .toSorted((a, b) => compareTexts(firstId(a), firstId(b)))
    .map((events) => {
      const known = idsOf(events).filter((id) => !taken.has(id));
      const callId = known[0] ?? newId();
      taken.add(callId);
      return { callId, events };
    });

  const merged = assignments.flatMap(({ callId, events }) =>
    idsOf(events)
      .filter((id) => !taken.has(id))
      .map((from) => ({ from, into: callId })),
  );
  return { assignments, merged };
}

/** Seen calls first, then by age. */
function idsOf(events: AssignedEvent[]): string[] {
  const known = events.toSorted(
    (a, b) => Number(b.isCall) - Number(a.isCall) || compareTexts(a.callId ?? '', b.callId ?? ''),
  );
  return [...new Set(known.flatMap(({ callId }) => callId ?? []))];
}

function firstId(events: AssignedEvent[]): string {
  return events.map(({ id }) => id).toSorted()[0] ?? '';
}
