/** The box's own list of calls: lines of `cdr-csv/Master.csv`, and which of them are one call. Pure. */
import { createHash } from 'node:crypto';

import { readLocalTarget, readPeer } from '../calls/channel-name.ts';
import { readBoxTime } from '../calls/local-time.ts';
import { isExtension, isOutsideNumber } from '../calls/numbers.ts';
import { compareUniqueIds, readCreationTime } from '../calls/unique-id.ts';
import { formatInZone } from '../zoned-time.ts';

export type CdrLine = {
  source: string;
  destination: string;
  channel: string;
  otherChannel: string;
  startedAt: Date;
  answeredAt: Date | undefined;
  endedAt: Date;
  disposition: string;
  /** Undefined when the box does not write them (loguniqueid=no). */
  uniqueId: string | undefined;
  linkedId: string | undefined;
};

/** Fields of one line; a quote inside quotes is doubled. */
export function splitCsv(line: string): string[] {
  const fields: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/gy;
  for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '') break;
  }
  return fields;
}

const COLUMNS = 16;
const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/;
const UNIQUE_ID = /^(?:[\w.-]+-)?\d{9,11}\.\d+$/;

/**
 * accountcode, src, dst, dcontext, clid, channel, dstchannel, lastapp, lastdata, start, answer, end, duration, billsec,
 * disposition, amaflags[, uniqueid][, userfield][, peeraccount, linkedid, sequence]. Undefined for what is no such line.
 * Times are local, or UTC where the box was told `usegmtime`: the second in the unique id shows which.
 */
export function readCdrLine(text: string, { timezone }: { timezone: string }): CdrLine | undefined {
  const fields = splitCsv(text.trimEnd());
  if (fields.length < COLUMNS) return undefined;
  const [, source = '', destination = '', , , channel = '', otherChannel = '', , , start = ''] =
    fields;
  const [answer = '', end = '', , , disposition = '', , ...rest] = fields.slice(10);
  if (!TIME.test(start) || !TIME.test(end)) return undefined;
  const ids = rest.filter((field) => UNIQUE_ID.test(field));
  const zone = zoneOf(start, ids[0], timezone);
  const startedAt = readBoxTime(start.slice(0, 19), zone);
  const endedAt = readBoxTime(end.slice(0, 19), zone);
  if (!startedAt || !endedAt) return undefined;
  // The last columns of the newest form: linkedid, then a sequence number.
  const hasLinkedId = rest.length >= 4 && UNIQUE_ID.test(rest.at(-2) ?? '');
  return {
    source,
    destination,
    channel,
    otherChannel,
    startedAt,
    answeredAt: TIME.test(answer) ? readBoxTime(answer.slice(0, 19), zone) : undefined,
    endedAt,
    disposition: disposition.toUpperCase(),
    uniqueId: ids[0],
    linkedId: hasLinkedId ? rest.at(-2) : undefined,
  };
}

/** A channel is made in the second in which its call starts, or a little before. */
function zoneOf(start: string, uniqueId: string | undefined, timezone: string): string {
  const created = uniqueId === undefined ? undefined : readCreationTime(uniqueId);
  if (created === undefined) return timezone;
  const distance = (zone: string) =>
    Math.abs(+(readBoxTime(start.slice(0, 19), zone) ?? 0) - created);
  return distance('UTC') < distance(timezone) ? 'UTC' : timezone;
}

/** A call as its lines tell it. */
export type CdrCall = {
  /** Of the channel that was made first; made up of the call's own words where the box writes none. */
  mainUniqueId: string;
  uniqueIds: string[];
  hasIds: boolean;
  direction: 'in' | 'out' | 'internal';
  phone: string | null;
  line: string | null;
  /** Who talked, in order; of an unanswered call who rang or called. */
  extensions: string[];
  caller: string | null;
  answered: boolean;
  /** Nobody was rung: the caller left in the greeting. */
  leftGreeting: boolean;
  dialStatus: string;
  startedAt: Date;
  answeredAt: Date | undefined;
  endedAt: Date;
};

/**
 * Joins lines that share a channel: by id, by linked id, and by the channel that one line leads to and the next one
 * comes from while both live (a Local pair counts as one channel).
 */
export function groupCdr(lines: readonly CdrLine[]): CdrLine[][] {
  const parents = lines.map((_, index) => index);
  const root = (index: number): number => {
    let at = index;
    while (parents[at] !== at) at = parents[at] ?? at;
    parents[index] = at;
    return at;
  };
  const seen = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    for (const key of keysOf(line)) {
      const earlier = seen.get(key);
      seen.set(key, index);
      const before = earlier === undefined ? undefined : lines[earlier];
      if (earlier === undefined || !before) continue;
      // A channel's name is used again after a restart; its id is not.
      if (key.startsWith('name:') && !overlap(before, line)) continue;
      parents[root(index)] = root(earlier);
    }
  }
  return [...Map.groupBy(lines.keys(), root).values()].map((indices) =>
    indices.flatMap((index) => lines[index] ?? []),
  );
}

const CLOSE_MS = 2_000;

function overlap(one: CdrLine, other: CdrLine): boolean {
  return +one.startedAt <= +other.endedAt + CLOSE_MS && +other.startedAt <= +one.endedAt + CLOSE_MS;
}

function keysOf({ uniqueId, linkedId, channel, otherChannel }: CdrLine): string[] {
  return [
    ...[uniqueId, linkedId].flatMap((id) => (id ? [`id:${id}`] : [])),
    ...[channel, otherChannel].flatMap((name) => (name ? [`name:${withoutHalf(name)}`] : [])),
  ];
}

const withoutHalf = (name: string) => name.replace(/;[12]$/, '');

/** What the lines of one call say of it. */
export function describeCdr(group: readonly CdrLine[]): CdrCall {
  const lines = group.toSorted(
    (one, other) =>
      +one.startedAt - +other.startedAt ||
      compareUniqueIds(one.uniqueId ?? '', other.uniqueId ?? ''),
  );
  const [first] = lines as [CdrLine, ...CdrLine[]]; // a group has a line
  const ids = [...new Set(lines.flatMap(({ uniqueId, linkedId }) => [linkedId, uniqueId]))]
    .filter((id) => id !== undefined)
    .toSorted(compareUniqueIds);
  const parties = partiesOf(first, lines);
  // Of a click-to-call the employee's own leg is answered too, before the client is even rung.
  const outward = parties.direction === 'out' ? lines.filter(leadsOutside) : [];
  const answered = (outward.length > 0 ? outward : lines).filter(
    ({ disposition, otherChannel }) => disposition === 'ANSWERED' && otherChannel !== '',
  );
  const talked = answered.map(({ otherChannel }) => nameOf(otherChannel)).filter(isInside);
  const rang = lines.map(({ otherChannel }) => nameOf(otherChannel)).filter(isInside);
  const last = lines.reduce((a, b) => (b.endedAt > a.endedAt ? b : a));
  const isAnswered = answered.length > 0;
  const asked = parties.direction === 'out' ? [parties.caller] : isAnswered ? talked : rang;
  return {
    mainUniqueId: ids[0] ?? inventId(first),
    uniqueIds: ids,
    hasIds: ids.length > 0,
    ...parties,
    extensions: [...new Set(asked)].filter(isInside),
    answered: isAnswered,
    leftGreeting: parties.direction === 'in' && lines.every(({ otherChannel }) => !otherChannel),
    dialStatus: DIAL_STATUS[last.disposition] ?? 'NOANSWER',
    startedAt: first.startedAt,
    answeredAt: answered[0]?.answeredAt,
    endedAt: last.endedAt,
  };
}

const DIAL_STATUS: Record<string, string> = {
  ANSWERED: 'ANSWER',
  BUSY: 'BUSY',
  FAILED: 'CHANUNAVAIL',
  CONGESTION: 'CONGESTION',
};

const isInside = (name: string | null | undefined): name is string =>
  typeof name === 'string' && name !== '' && (isExtension(name) || isOutsideNumber(name));

/** The phone or line of a channel, or whom a Local one dials. */
function nameOf(channel: string): string | undefined {
  return readLocalTarget(channel) ?? readPeer(channel);
}

const digits = (text: string): string => text.replaceAll(/[\s()+-]/g, '');
const leadsOutside = ({ destination }: CdrLine): boolean => isOutsideNumber(digits(destination));

function partiesOf(
  first: CdrLine,
  lines: readonly CdrLine[],
): Pick<CdrCall, 'direction' | 'phone' | 'line' | 'caller'> {
  const from = nameOf(first.channel);
  const source = digits(first.source);
  const destination = digits(first.destination);
  const isFromInside = from !== undefined && isExtension(from);
  if (!isFromInside && !isExtension(source)) {
    const phone = isOutsideNumber(source) ? source : null;
    return { direction: 'in', phone, line: from ?? null, caller: null };
  }
  const caller = isFromInside ? from : source;
  const outside = lines.map((line) => digits(line.destination)).find(isOutsideNumber);
  if (isOutsideNumber(destination) || outside) {
    // A Local channel bears the number that is dialled, not the line it goes out by.
    const line = lines
      .map(({ otherChannel }) => readPeer(otherChannel))
      .find((name) => name && !isExtension(name));
    return { direction: 'out', phone: outside ?? destination, line: line ?? null, caller };
  }
  return { direction: 'internal', phone: null, line: null, caller };
}

/** The same words make the same id, whenever the list is read. */
function inventId({ startedAt, channel, source, destination }: CdrLine): string {
  const words = JSON.stringify([+startedAt, channel, source, destination]);
  const hash = createHash('sha256').update(words).digest('hex').slice(0, 10);
  return `cdr-${Math.floor(+startedAt / 1000)}-${hash}`;
}

/** The end of a call in the words of a box's event: the tracker makes the call of it as of any other hangup. */
export function toHangup(
  call: CdrCall,
  timezone: string,
): Record<string, string | number | string[]> {
  const { direction, extensions, caller, answeredAt } = call;
  const start = formatInZone(call.startedAt, timezone);
  const status = call.answered ? 2 : call.leftGreeting ? 1 : 0;
  const internal = direction === 'internal';
  return {
    UniqueId: call.mainUniqueId,
    CallType: internal ? 2 : direction === 'in' ? 0 : 1,
    CallStatus: status,
    DialStatus: call.answered ? 'ANSWER' : call.dialStatus,
    Phone: internal ? (caller ?? '') : (call.phone ?? ''),
    Extensions: extensions.length > 0 ? extensions : [''],
    StartTime: start,
    EndTime: formatInZone(call.endedAt, timezone),
    DateReceived: start,
    ...(answeredAt && { AnswerTime: formatInZone(answeredAt, timezone) }),
    ...(call.line && { Trunk: call.line }),
  };
}
