/** Who of ours talked with the outside party, and when. Arrival times in ms; times.ts puts them on the box's clock. */
import { listStays, type Stay } from './bridges.ts';
import type { CallEvent } from './call-event.ts';
import { isSameNumber } from './numbers.ts';
import type { Parties } from './parties.ts';

export type Stint = { extension: string; from: number; to: number };

export type Conversation = {
  /** Sorted; who comes back after a consult has a second stint. */
  stints: Stint[];
  stays: Stay[];
  /** Two phones were in one bridge, whoever they were: proof of an answer that no later event takes back. */
  met: boolean;
  /** Whom our people asked while the client was on hold, with the time it began. */
  consulted: { extension: string; from: number }[];
};

/** Swapping a channel from bridge to bridge takes a moment; it is not a pause in the talk. */
const SWAP_MS = 2_000;

export function findConversation(events: CallEvent[], parties: Parties): Conversation {
  const stays = listStays(events);
  const rooms = listRooms(stays, parties);
  const stints: Stint[] = [];
  const consulted: { extension: string; from: number }[] = [];
  for (const { stays: together, from, to } of rooms) {
    const inside = nameInsiders(together, parties);
    if (hasOutside(together, parties)) {
      stints.push(...inside.map((extension) => ({ extension, from, to })));
    } else {
      consulted.push(...inside.map((extension) => ({ extension, from })));
    }
  }
  stints.push(...findMissedMeetings(stays, stints, parties));
  const met = stints.length > 0 || haveMet(stays, parties);
  return { stints: mergeStints(stints), stays, consulted, met };
}

type Room = { stays: Stay[]; from: number; to: number };

/** Stretches of time in which the same channels can hear each other: in one bridge, or through a Local pair. */
function listRooms(stays: Stay[], parties: Parties): Room[] {
  const times = stays.flatMap(({ from, to }) => [from, to]);
  const moments = [...new Set(times)].toSorted((one, other) => one - other);
  return moments.slice(0, -1).flatMap((from, index) => {
    const to = moments[index + 1] ?? from;
    const present = stays.filter((stay) => stay.from <= from && stay.to >= to);
    return connectBridges(present, parties).map((together) => ({ stays: together, from, to }));
  });
}

function connectBridges(stays: Stay[], parties: Parties): Stay[][] {
  const roomOf = new Map(stays.map(({ bridgeId }) => [bridgeId, bridgeId]));
  const bridgesOfPair = Map.groupBy(stays, ({ uniqueId }) => {
    const party = parties.channels.get(uniqueId);
    return party?.side === 'local' ? party.pair : undefined;
  });
  for (const [pair, halves] of bridgesOfPair) {
    if (pair === undefined) continue;
    const rooms = new Set(halves.map(({ bridgeId }) => roomOf.get(bridgeId) ?? bridgeId));
    const [room, ...others] = rooms;
    if (room === undefined) continue;
    for (const [bridge, current] of roomOf) if (others.includes(current)) roomOf.set(bridge, room);
  }
  return [...Map.groupBy(stays, ({ bridgeId }) => roomOf.get(bridgeId) ?? bridgeId).values()];
}

function nameInsiders(together: Stay[], parties: Parties): string[] {
  const present = together.flatMap(({ uniqueId }) => parties.channels.get(uniqueId) ?? []);
  const people = present.flatMap((party) => (party.side === 'inside' ? party.extension : []));
  if (people.length > 0) return [...new Set(people)];
  // Only a Local half stands here for the colleague it dialled: the box sent nothing of the other half.
  const targets = present.flatMap((party) => (party.side === 'local' ? (party.target ?? []) : []));
  return [...new Set(targets.filter((target) => !isSameNumber(target, parties.phone)))];
}

function hasOutside(together: Stay[], { channels }: Parties): boolean {
  return together.some(({ uniqueId }) => channels.get(uniqueId)?.side === 'outside');
}

/**
 * Arrival was shuffled so that two who shared a bridge seem to have missed each other. They did not: a box never
 * sends a join for nothing.
 */
function findMissedMeetings(stays: Stay[], stints: Stint[], parties: Parties): Stint[] {
  const known = new Set(stints.map(({ extension }) => extension));
  return connectBridges(stays, parties).flatMap((together) => {
    if (!hasOutside(together, parties)) return [];
    return together.flatMap((stay) =>
      nameInsiders(together, parties)
        .filter((name) => !known.has(name) && nameInsiders([stay], parties).includes(name))
        .map((extension) => ({ extension, from: stay.from, to: stay.to })),
    );
  });
}

/** A Local half proves nothing by itself: click-to-call puts the first phone in a bridge with one before the client answers. */
function haveMet(stays: Stay[], parties: Parties): boolean {
  const isPhone = (uniqueId: string) => parties.channels.get(uniqueId)?.side !== 'local';
  return connectBridges(stays, parties).some((together) => {
    const channels = new Set(together.map(({ uniqueId }) => uniqueId));
    const phones = [...channels].filter(isPhone);
    return phones.length > 1 || (phones.includes(parties.main) && channels.size > 1);
  });
}

function mergeStints(stints: Stint[]): Stint[] {
  const merged: Stint[] = [];
  const sorted = stints.toSorted((one, other) => one.from - other.from || one.to - other.to);
  for (const stint of sorted) {
    const last = merged.findLast(({ extension }) => extension === stint.extension);
    if (last && stint.from - last.to <= SWAP_MS) last.to = Math.max(last.to, stint.to);
    else merged.push({ ...stint });
  }
  return merged;
}
