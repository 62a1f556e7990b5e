/** Which events belong to one call. Pure; one enterprise at a time. */
import type { CallEvent } from './call-event.ts';
import { readLocalPair, readPeer } from './channel-name.ts';
import { REAPED_AFTER_MS } from './fold-call.ts';
import {
  arrangeEvents,
  beginsCall,
  findMainChannel,
  findMainHangup,
  isFollowMe,
} from './main-channel.ts';
import { isExtension, isOutsideNumber, isSameNumber } from './numbers.ts';
import { compareTexts, compareUniqueIds, readCreationTime } from './unique-id.ts';

const DAY_MS = 24 * 60 * 60_000;
const ASKED_WITHIN_MS = 10 * 60_000;
/** Keys of one hangup: four hours of talk. */
const MOST_ASK_STEPS = 24;

/**
 * Keys by which an event finds its call: what it surely shares with it (`channel:`, `bridge:`, `local:`) and, for a
 * consult nobody answered, who asked and about when (`asks:`). A shared `asks:` key only makes two calls candidates;
 * `groupIntoCalls` decides.
 */
export function linkKeys(event: CallEvent): string[] {
  return [...listIdentities(event), ...listAskKeys(event)];
}

/** `local:` names start again when the box restarts, so they link only within the longest silence of a call. */
function listIdentities(event: CallEvent): string[] {
  const pair = readLocalPair(event.channel);
  return [
    ...(event.uniqueId === undefined ? [] : [`channel:${event.uniqueId}`]),
    ...(event.bridgeId === undefined ? [] : [`bridge:${event.bridgeId}`]),
    ...(pair === undefined ? [] : [`local:${pair}`]),
  ];
}

function listAskKeys(event: CallEvent): string[] {
  const at = Math.floor(+event.receivedAt / ASKED_WITHIN_MS);
  const asker = readAsker(event);
  // Whom he asked rang a while, and arrival may be shuffled: look one step to either side.
  if (asker !== undefined) return [at - 1, at, at + 1].map((step) => `asks:${asker}@${step}`);
  const lasted = event.kind === 'hangup' ? measureDuration(event, 0) : 0;
  const steps = Math.min(MOST_ASK_STEPS, Math.ceil(lasted / ASKED_WITHIN_MS));
  return listPeople(event)
    .filter(isExtension)
    .flatMap((name) => Array.from({ length: steps + 1 }, (_, back) => `asks:${name}@${at - back}`));
}

/** The outside number by which a loose leg may join a living call; null when hidden or when only insiders are named. */
export function outsideNumber(event: CallEvent): string | null {
  const { phone, connectedLineNum, callerIdNum } = event;
  return [phone, connectedLineNum, callerIdNum].find(isOutsideNumber) ?? null;
}

/** Splits the events of one enterprise into calls; the same for any order and repetition of the input. */
export function groupIntoCalls(events: readonly CallEvent[]): CallEvent[][] {
  const joined = joinByKeys(arrangeEvents(events));
  // Nearly always: there is nobody to choose between.
  if (joined.length < 2) return joined;
  const clusters = joined.map(describeCluster);
  const calls: Cluster[] = [];
  // Calls with a beginning of their own first: a leg may only look for its call when all of them are known.
  for (const cluster of clusters.toSorted(compareClusters)) {
    const host = cluster.loose ? findHost(cluster, calls) : undefined;
    if (host) host.legs.push(cluster);
    else calls.push(cluster);
  }
  return calls
    .map((call) => arrangeEvents([call, ...call.legs].flatMap((cluster) => cluster.events)))
    .toSorted(compareGroups);
}

/** Events that share a channel, a bridge or a Local pair, directly or through others. */
function joinByKeys(events: CallEvent[]): CallEvent[][] {
  const parents = events.map((_, index) => index);
  const findRoot = (index: number): number => {
    let root = index;
    while (parents[root] !== root) root = parents[root] ?? root;
    parents[index] = root;
    return root;
  };
  const lastWithKey = new Map<string, number>();
  for (const [index, event] of events.entries()) {
    for (const key of listIdentities(event)) {
      const earlier = lastWithKey.get(key);
      lastWithKey.set(key, index);
      if (earlier === undefined) continue;
      const gap = +event.receivedAt - +(events[earlier]?.receivedAt ?? 0);
      if (key.startsWith('local:') && gap > REAPED_AFTER_MS) continue;
      parents[findRoot(index)] = findRoot(earlier);
    }
  }
  return [...Map.groupBy(events.keys(), findRoot).values()].map((indices) =>
    indices.flatMap((index) => events[index] ?? []),
  );
}

type Cluster = {
  events: CallEvent[];
  legs: Cluster[];
  /** No start or dial of its own and not the hangup of a main channel: may be a leg of another call. */
  loose: boolean;
  main: string;
  numbers: Set<string>;
  /** Extensions that took part, by their channels or by an answered hangup. */
  people: Set<string>;
  span: Span;
};

/** When something lived, by both clocks. They are never compared with each other. */
type Span = {
  arrived: { from: number; to: number };
  box: { from: number; to: number } | undefined;
};

function describeCluster(events: CallEvent[]): Cluster {
  const main = findMainChannel(events) ?? '';
  return {
    events,
    legs: [],
    loose: !events.some(beginsCall) && !events.some(isMainHangup),
    main,
    numbers: new Set(
      events
        .flatMap(({ phone, callerIdNum, connectedLineNum }) => [
          phone,
          callerIdNum,
          connectedLineNum,
        ])
        .filter(isOutsideNumber),
    ),
    people: new Set(events.flatMap(listPeople).filter(isExtension)),
    span: measureSpan(events, main),
  };
}

/** Legs hang up with CallType 2 (transfer) or 1 with a mobile (FollowMe); anything else ends a call of its own. */
function isMainHangup(event: CallEvent): boolean {
  return event.kind === 'hangup' && event.callType !== 2 && !isFollowMe(event);
}

function listPeople({ kind, callStatus, extensions, channel, callerIdNum }: CallEvent): string[] {
  if (kind === 'hangup') return callStatus === 2 ? extensions : [];
  if (kind !== 'bridge' && kind !== 'bridge_leave') return [];
  return [readPeer(channel), callerIdNum].filter((name) => typeof name === 'string');
}

function measureSpan(events: CallEvent[], main: string): Span {
  const from = +(events[0]?.receivedAt ?? 0);
  const hangup = findMainHangup(events);
  const to = hangup ? +hangup.receivedAt : +(events.at(-1)?.receivedAt ?? 0) + REAPED_AFTER_MS;
  const created = readCreationTime(main);
  if (created === undefined || Math.abs(created - from) > DAY_MS) {
    return { arrived: { from, to }, box: undefined };
  }
  return {
    arrived: { from, to },
    box: { from: created, to: hangup ? created + measureDuration(hangup, to - created) : to },
  };
}

function measureDuration({ startTime, endTime }: CallEvent, otherwise: number): number {
  if (startTime === undefined || endTime === undefined) return otherwise;
  return Math.max(0, Date.parse(`${endTime}Z`) - Date.parse(`${startTime}Z`));
}

function findHost(leg: Cluster, calls: Cluster[]): Cluster | undefined {
  const asker = findAsker(leg);
  return calls
    .filter((call) => livedWhenBorn(call, leg))
    .filter(
      (call) =>
        sharesNumber(call, leg) ||
        // An outside call only: two colleagues who ring each other twice have two calls.
        (asker !== undefined && call.numbers.size > 0 && call.people.has(asker)),
    )
    .toSorted((one, other) => compareUniqueIds(one.main, other.main))
    .at(-1);
}

function sharesNumber(call: Cluster, leg: Cluster): boolean {
  return [...leg.numbers].some((number) =>
    [...call.numbers].some((other) => isSameNumber(number, other)),
  );
}

function findAsker({ events }: Cluster): string | undefined {
  const told = events.filter(({ kind }) => kind !== 'new_callerid');
  const askers = new Set(told.map(readAsker));
  return askers.size === 1 ? [...askers][0] : undefined;
}

/**
 * "Consult transfer, nobody": all that comes of the consult is a hangup that names the asking extension as Phone and
 * nobody as answerer. A parallel internal call names its second extension and stays apart.
 */
function readAsker({ kind, callType, callStatus, extensions, phone }: CallEvent) {
  if (kind !== 'hangup' || callType !== 2 || callStatus !== 0 || extensions.length > 0) {
    return undefined;
  }
  return phone !== null && isExtension(phone) ? phone : undefined;
}

/** A number links only to a living call: the leg's channel was made while the call's main channel existed. */
function livedWhenBorn(call: Cluster, leg: Cluster): boolean {
  const clock = call.span.box && leg.span.box ? 'box' : 'arrived';
  const life = call.span[clock];
  const birth = leg.span[clock]?.from;
  return life !== undefined && birth !== undefined && life.from <= birth && birth <= life.to;
}

function compareClusters(one: Cluster, other: Cluster): number {
  return (
    Number(one.loose) - Number(other.loose) ||
    compareUniqueIds(one.main, other.main) ||
    compareGroups(one.events, other.events)
  );
}

function compareGroups(one: CallEvent[], other: CallEvent[]): number {
  return (
    +(one[0]?.receivedAt ?? 0) - +(other[0]?.receivedAt ?? 0) ||
    compareTexts(one[0]?.id ?? '', other[0]?.id ?? '')
  );
}
