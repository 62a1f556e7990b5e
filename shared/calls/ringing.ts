/** Who rings, who rang, and whom a talk is being passed to. */
import type { CallEvent } from './call-event.ts';
import { isTransferLeg } from './main-channel.ts';
import type { Parties } from './parties.ts';
import type { Conversation, Stint } from './talkers.ts';

/** Extensions of dials not yet answered, in the order they were dialled. */
export function listRinging(events: CallEvent[], { stints }: Conversation): string[] {
  const dials = events.filter(({ kind }) => kind === 'dial');
  // A channel dials one group at a time: the next dial (greeting-dial loop, spare line) replaces the one before.
  const latest = dials.filter(
    (dial, index) => !dials.slice(index + 1).some(({ uniqueId }) => uniqueId === dial.uniqueId),
  );
  const open = latest.filter((dial) => !isAnswered(dial, events, stints));
  return [...new Set(open.flatMap(({ extensions }) => extensions))];
}

function isAnswered(dial: CallEvent, events: CallEvent[], stints: Stint[]): boolean {
  const at = +dial.receivedAt;
  const isDialled = (name: string | null) => name !== null && dial.extensions.includes(name);
  // The second case is a dial that came late: whom it rings is already talking.
  const talks = stints.some(
    ({ extension, from, to }) => from >= at || (to > at && isDialled(extension)),
  );
  const isOver = (event: CallEvent) =>
    event.uniqueId === dial.uniqueId
      ? event.kind === 'hangup'
      : event.kind === 'bridge' && isDialled(event.callerIdNum);
  return talks || events.some((event) => +event.receivedAt >= at && isOver(event));
}

/** Everybody who rang, each once; who talked or is named by an internal call's hangup must have rung. */
export function listRang(events: CallEvent[], talkers: string[], parties: Parties): string[] {
  const dialled = events
    .filter(({ kind }) => kind === 'dial')
    .flatMap(({ extensions }) => extensions);
  const called =
    parties.direction === 'internal'
      ? events
          .filter(({ kind, uniqueId }) => kind === 'hangup' && uniqueId === parties.main)
          .flatMap(({ extensions }) => extensions)
      : [];
  return [...new Set([...dialled, ...called, ...talkers])];
}

/** Who passes the client on and to whom; null while nobody is seen to be asked. */
export function findTransfer(
  events: CallEvent[],
  { stints, consulted }: Conversation,
  from: string | undefined,
  mainHangup: CallEvent | undefined,
): { from: string; to: string } | null {
  const tookItAt = stints.findLast(({ extension }) => extension === from)?.from ?? -Infinity;
  const dialled = events
    .filter((event) => event.kind === 'dial' && (stints.length > 0 || isTransferLeg(event)))
    .flatMap(({ extensions: [extension], receivedAt }) =>
      extension === undefined ? [] : [{ extension, from: +receivedAt }],
    );
  const asked = [...consulted, ...dialled]
    .filter((one) => one.from > tookItAt && one.extension !== from)
    .toSorted((one, other) => one.from - other.from);
  // A hangup with CallType 2 names the colleague the client waited for.
  const named = mainHangup?.callType === 2 ? mainHangup.extensions : [];
  const to = named.find((name) => name !== from) ?? asked.at(-1)?.extension;
  return from === undefined || to === undefined ? null : { from, to };
}

/** Without bridges nobody saw who answered; if the main channel dialled only one (before any transfer) it was that one. */
export function findOnlyOneRung(events: CallEvent[], main: string): string | undefined {
  const dials = events.filter(
    (event) => event.kind === 'dial' && event.uniqueId === main && !isTransferLeg(event),
  );
  const [only, ...others] = new Set(dials.flatMap(({ extensions }) => extensions));
  return others.length === 0 ? only : undefined;
}
