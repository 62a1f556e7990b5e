import type { CallEvent } from './call-event.ts';
import { readLocalPair } from './channel-name.ts';
import { isExtension, isOutsideNumber } from './numbers.ts';
import { compareTexts, compareUniqueIds } from './unique-id.ts';

/** Order of arrival; the id decides between events of one moment, so that the order is the same for any input. */
function sortEvents(events: readonly CallEvent[]): CallEvent[] {
  return events.toSorted(
    (one, other) => +one.receivedAt - +other.receivedAt || compareTexts(one.id, other.id),
  );
}

/** Sorted, and each event once however often the queue brought it. */
export function arrangeEvents(events: readonly CallEvent[]): CallEvent[] {
  const byId = new Map<string, CallEvent>();
  for (const event of sortEvents(events)) if (!byId.has(event.id)) byId.set(event.id, event);
  return [...byId.values()];
}

/**
 * The dial of a FollowMe leg: the box calls a mobile for the caller, so CallType is 1 and the "extension" is a number
 * of the public network. In a real outgoing call the extension is one of ours.
 */
export function isFollowMe(event: CallEvent): boolean {
  return event.callType === 1 && event.extensions.length > 0 && !event.extensions.some(isExtension);
}

/** A client passed on: an internal call names an extension as Phone, a transfer's leg the outside number. */
export function isTransferLeg({ callType, phone }: CallEvent): boolean {
  return callType === 2 && isOutsideNumber(phone);
}

/** A call begins with a start or a dial of its own; the dial of a leg begins nothing. */
export function beginsCall(event: CallEvent): boolean {
  if (event.kind === 'dial') return !isFollowMe(event) && !isTransferLeg(event);
  return event.kind === 'start';
}

/** Events that alone are enough to say that there was a call. */
export function isCallEvidence({ kind }: CallEvent): boolean {
  return kind !== 'new_callerid' && kind !== 'bridge_create' && kind !== 'bridge_destroy';
}

/**
 * The channel whose hangup ends the call. Channels are compared by the order in which the box made them, never by
 * arrival: a transfer's leg is always younger than the call it belongs to, though its hangup comes first.
 */
export function findMainChannel(events: readonly CallEvent[]): string | undefined {
  return (
    oldestChannel(events.filter(({ kind }) => kind === 'start')) ??
    oldestChannel(events.filter(beginsCall)) ??
    findMainOfUnannounced(events)
  );
}

/** Internal calls, and calls whose start and dial were lost. */
function findMainOfUnannounced(events: readonly CallEvent[]): string | undefined {
  const evidence = events.filter(isCallEvidence);
  const hungUp = evidence.filter(({ kind }) => kind === 'hangup');
  const isHungUp = new Set(hungUp.map(({ uniqueId }) => uniqueId));
  // The ;1 half of a Local pair runs no dialplan, so it never sends the hangup we would wait for.
  const oldest = oldestChannel(
    evidence.filter((event) => isHungUp.has(event.uniqueId) || !readLocalPair(event.channel)),
  );
  if (oldest === undefined || isHungUp.has(oldest)) return oldest ?? oldestChannel(evidence);
  // The oldest channel left without a hangup: the box reports the end on another one.
  const last = sortEvents(evidence).findLast(({ uniqueId }) => uniqueId === oldest);
  return last?.kind === 'bridge_leave' ? (oldestChannel(hungUp) ?? oldest) : oldest;
}

function oldestChannel(events: readonly CallEvent[]): string | undefined {
  return events
    .flatMap(({ uniqueId }) => uniqueId ?? [])
    .toSorted(compareUniqueIds)
    .at(0);
}

/** The hangup that ends the call. Of several the later one is believed, if it says how the call ended at all. */
export function findMainHangup(events: readonly CallEvent[]): CallEvent | undefined {
  const main = findMainChannel(events);
  const hangups = sortEvents(events).filter(
    ({ kind, uniqueId }) => kind === 'hangup' && uniqueId === main,
  );
  const telling = hangups.findLast(
    ({ callStatus, dialStatus, cause }) => (callStatus ?? dialStatus ?? cause) !== undefined,
  );
  return telling ?? hangups.at(-1);
}
