/** Who the channels of a call are: the outside party, somebody of ours, or a half of a Local pair. */

import type { CallEvent } from './call-event.ts';
import type { Direction } from './call.ts';
import { readLocalPair, readLocalTarget, readPeer } from './channel-name.ts';
import { findMainChannel, isFollowMe, isTransferLeg } from './main-channel.ts';
import { isExtension, isLine, isOutsideNumber, isSameNumber } from './numbers.ts';

export type Originate = {
  extension: string;
  phone: string;
  requestedAt: Date;
  /** Of the channels that were begun for it, as far as we know them. */
  uniqueIds?: string[];
};

export type Parties = {
  main: string;
  direction: Direction;
  clickToCall: boolean;
  phone: string | null;
  line: string | null;
  caller: string | null;
  channels: Map<string, Party>;
};

/** `outside` is the one our people talk to: the client, or in an internal call the colleague who called. */
type Party =
  | { side: 'outside' }
  | { side: 'inside'; extension: string }
  | { side: 'local'; pair: string; target: string | null };

const ORIGINATE_ANSWERS_WITHIN_MS = 60_000;
/** The box may be quicker with its event than we with our row. */
const ORIGINATE_HEAD_START_MS = 5_000;

export function identifyParties(events: CallEvent[], originates: Originate[]): Parties {
  const main = findMainChannel(events) ?? '';
  const clickToCall = isClickToCall(events, originates);
  const direction = clickToCall ? 'out' : findDirection(events, main);
  const numbers = direction === 'internal' ? [] : listNumbers(events, main);
  const phone = numbers[0] ?? null;
  const outside = findOutsideChannels(events, { main, direction, numbers });
  return {
    main,
    direction,
    clickToCall,
    phone,
    line: findLine(events, { main, direction, outside }),
    caller: direction === 'internal' ? findCaller(events, main) : null,
    channels: identifyChannels(events, { phone, outside }),
  };
}

/** `ExternalInitiated`, or an originate of ours for that extension and number. Without it the call looks incoming. */
function isClickToCall(events: CallEvent[], originates: Originate[]): boolean {
  if (events.some(({ externalInitiated }) => externalInitiated)) return true;
  const first = +(events[0]?.receivedAt ?? 0);
  const extensions = new Set(events.flatMap((event) => event.extensions));
  const ids = new Set(events.map(({ uniqueId }) => uniqueId));
  return originates.some(({ extension, phone, requestedAt, uniqueIds = [] }) => {
    if (uniqueIds.some((id) => ids.has(id))) return true;
    const delay = first - +requestedAt;
    const inTime = delay >= -ORIGINATE_HEAD_START_MS && delay <= ORIGINATE_ANSWERS_WITHIN_MS;
    const sameNumber = events.some((event) =>
      isSameNumber(event.phone, phone.replaceAll(/\D/g, '')),
    );
    // A start names nobody yet; a group that rings is a client calling, not our originate.
    const sameExtension =
      extensions.size === 0 || (extensions.size === 1 && extensions.has(extension));
    return inTime && sameNumber && sameExtension;
  });
}

/** From start or the first dial; a later leg with another CallType changes nothing (spare line, FollowMe). */
function findDirection(events: CallEvent[], main: string): Direction {
  const ofMain = events.filter(({ uniqueId }) => uniqueId === main);
  const start = ofMain.find(({ kind }) => kind === 'start');
  if (start) return nameDirection(start.callType ?? 0);

  // An outgoing call never dials with CallType 0, so 0 wins whichever dial came first.
  const dials = ofMain.filter((event) => event.kind === 'dial' && !isTransferLeg(event));
  const types = dials.map(({ callType }) => callType);
  for (const type of [0, 1, 2] as const) if (types.includes(type)) return nameDirection(type);

  const hangup = ofMain.findLast(({ kind }) => kind === 'hangup');
  return hangup ? readDirectionOfHangup(hangup) : guessDirection(events, ofMain);
}

function nameDirection(callType: 0 | 1 | 2): Direction {
  return ({ 0: 'in', 1: 'out', 2: 'internal' } as const)[callType];
}

/** A hangup without start or dial makes the call from what it has. */
function readDirectionOfHangup(hangup: CallEvent): Direction {
  // The leg of a client who was passed on, or an incoming call lost in a blind transfer.
  if (isTransferLeg(hangup) || isFollowMe(hangup)) return 'in';
  if (hangup.callType !== undefined) return nameDirection(hangup.callType);
  return hangup.phone !== null && isExtension(hangup.phone) ? 'internal' : 'in';
}

/** Bridges only (an internal call that lives, or the beginning was lost): who is on the oldest channel? */
function guessDirection(events: CallEvent[], ofMain: CallEvent[]): Direction {
  const isOurs = ofMain.some(({ channel, callerIdNum }) =>
    [readPeer(channel), callerIdNum].some((name) => typeof name === 'string' && isExtension(name)),
  );
  if (!isOurs) return 'in';
  const named = events.flatMap(({ callerIdNum, connectedLineNum }) => [
    callerIdNum,
    connectedLineNum,
  ]);
  return named.some(isOutsideNumber) ? 'out' : 'internal';
}

/**
 * The number as the box says it, the most trusted first: a broken start carries the line there, an internal hangup an
 * extension. The others were taken for it by what was known earlier.
 */
function listNumbers(events: CallEvent[], main: string): string[] {
  const ofMain = events.filter(({ uniqueId }) => uniqueId === main);
  const lines = new Set(events.flatMap(({ line, extLine }) => [line, extLine]));
  const ours = new Set(
    events.flatMap(({ channel, extensions }) => [readPeer(channel), ...extensions]),
  );
  const isPhone = (number: string | null): number is string =>
    number !== null &&
    !isLine(number) &&
    !lines.has(number) &&
    // A short number may be an outside one (an ambulance), not the one of a colleague.
    !(isExtension(number) && ours.has(number));
  const said = [
    ...ofMain.filter(({ kind }) => kind !== 'hangup').map(({ phone }) => phone),
    ...[...ofMain, ...events].map(({ phone }) => phone).filter(isOutsideNumber),
    ...ofMain.map(({ extPhone }) => extPhone),
    ...ofMain.flatMap(({ callerIdNum, connectedLineNum }) =>
      [callerIdNum, connectedLineNum].filter(isOutsideNumber),
    ),
    ...ofMain.filter(({ callType }) => callType !== 2).map(({ phone }) => phone),
  ];
  return [...new Set(said.filter(isPhone))];
}

function findCaller(events: CallEvent[], main: string): string | null {
  const ofMain = events.filter(({ uniqueId }) => uniqueId === main);
  const names = [
    ...ofMain.map(({ channel }) => readPeer(channel)),
    ...ofMain.filter(({ kind }) => kind === 'hangup').map(({ phone }) => phone),
    ...ofMain.map(({ callerIdNum }) => callerIdNum),
    ...ofMain.map(({ phone }) => phone),
  ];
  return names.find((name) => typeof name === 'string' && isExtension(name)) ?? null;
}

/** Incoming: the client's channel is the main one and stays the same through every transfer. */
function findOutsideChannels(
  events: CallEvent[],
  { main, direction, numbers }: { main: string; direction: Direction; numbers: string[] },
): Set<string> {
  if (direction !== 'out') return new Set([main]);
  const others = events.filter(({ kind, uniqueId }) => isBridging(kind) && uniqueId !== main);
  const mobiles = events.flatMap(({ extensions }) => extensions);
  const clients = numbers.filter((number, index) => index === 0 || !mobiles.includes(number));
  const shown = others.filter((event) => clients.some((number) => showsNumber(event, number)));
  const isNumbered = new Set(
    others
      .filter(({ callerIdNum }) => isOutsideNumber(callerIdNum))
      .map(({ uniqueId }) => uniqueId),
  );
  // The other side may be known only as a channel of a line; the line of a mobile we called names the mobile.
  const onLines = others.filter(
    ({ channel, uniqueId }) =>
      isLine(readPeer(channel) ?? '') && (shown.length === 0 || !isNumbered.has(uniqueId)),
  );
  return new Set([...shown, ...onLines].flatMap(({ uniqueId }) => uniqueId ?? []));
}

/**
 * A Local half shows the number of whoever called through it, so only whom it dials counts; a short number it dials is a
 * colleague's, whatever a hangup calls it.
 */
function showsNumber({ channel, callerIdNum }: CallEvent, number: string): boolean {
  const target = readLocalTarget(channel);
  if (target !== undefined) return !isExtension(target) && isSameNumber(target, number);
  return !isExtension(readPeer(channel) ?? '') && isSameNumber(callerIdNum, number);
}

function isBridging(kind: CallEvent['kind']): boolean {
  return kind === 'bridge' || kind === 'bridge_leave';
}

function identifyChannels(
  events: CallEvent[],
  { phone, outside }: { phone: string | null; outside: Set<string> },
): Map<string, Party> {
  const channels = new Map<string, Party>();
  const byChannel = Map.groupBy(events, ({ uniqueId }) => uniqueId);
  for (const [uniqueId, own] of byChannel) {
    if (uniqueId === undefined) continue;
    const party = outside.has(uniqueId)
      ? ({ side: 'outside' } as const)
      : (identifyLocal(own) ?? identifyInside(own, phone));
    if (party) channels.set(uniqueId, party);
  }
  return channels;
}

function identifyLocal(own: CallEvent[]): Party | undefined {
  const half = own.find(({ channel }) => readLocalPair(channel) !== undefined)?.channel;
  const pair = readLocalPair(half);
  return pair === undefined
    ? undefined
    : { side: 'local', pair, target: readLocalTarget(half) ?? null };
}

function identifyInside(own: CallEvent[], phone: string | null): Party | undefined {
  const isOurs = (name: string | null | undefined): name is string =>
    typeof name === 'string' && !isLine(name) && !isSameNumber(name, phone);
  const names = [
    ...own
      .map(({ channel }) => readPeer(channel))
      .filter((peer) => isOurs(peer) && isExtension(peer)),
    ...own.map(({ callerIdNum }) => callerIdNum),
    // The mobile's own channel may show the client's number; the leg's hangup says who it was.
    ...own
      .filter(({ kind }) => kind === 'hangup')
      .flatMap(({ extensions }) => extensions.slice(0, 1)),
  ];
  const extension = names.find(isOurs);
  return extension === undefined ? undefined : { side: 'inside', extension };
}

/** Outgoing: the line that carried the call (a spare one may have). Incoming: the line the client dialled. */
function findLine(
  events: CallEvent[],
  { main, direction, outside }: { main: string; direction: Direction; outside: Set<string> },
): string | null {
  const lineOf = (kind: CallEvent['kind']) =>
    events
      .filter((event) => event.kind === kind && event.uniqueId === main)
      .map(({ line }) => line);
  const peers = events
    .filter(({ uniqueId }) => uniqueId !== undefined && outside.has(uniqueId))
    .map(({ channel }) => readPeer(channel))
    .filter((peer) => isLine(peer ?? ''));
  const candidates =
    direction === 'out'
      ? [...peers, ...lineOf('hangup'), ...lineOf('dial').toReversed(), ...lineOf('start')]
      : [...lineOf('start'), ...lineOf('dial'), ...lineOf('hangup'), ...peers];
  return candidates.find((line) => line !== undefined) ?? null;
}
