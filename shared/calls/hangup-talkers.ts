/** Talkers as hangups and dials tell them: all there is on a box that runs only the dialplan macros. */
import type { Stay } from './bridges.ts';
import type { CallEvent } from './call-event.ts';
import type { CallStatus, Talker } from './call.ts';
import { readBoxTime } from './local-time.ts';
import { isFollowMe, isTransferLeg } from './main-channel.ts';
import { isOutsideNumber } from './numbers.ts';
import { isUnanswered, type Verdict } from './outcome.ts';
import type { Parties } from './parties.ts';
import { findOnlyOneRung } from './ringing.ts';
import type { Clock } from './times.ts';
import { compareUniqueIds } from './unique-id.ts';

/** Legs whose hangup says that they took the client, oldest channel first (their hangups come in any order). */
export function listLegs(events: CallEvent[], { main, direction }: Parties, verdict: Verdict) {
  if (direction === 'internal') return [];
  const legs = new Map<string, CallEvent>();
  for (const event of events) {
    if (event.uniqueId === undefined || event.uniqueId === main || !tookOver(event)) continue;
    // "FollowMe refused": the mobile answered and declined to take the call.
    if (isFollowMe(event) && isUnanswered(verdict)) continue;
    if (!legs.has(event.uniqueId)) legs.set(event.uniqueId, event);
  }
  return [...legs.values()].toSorted((one, other) =>
    compareUniqueIds(one.uniqueId ?? '', other.uniqueId ?? ''),
  );
}

/** A transfer's leg took the client, so somebody had him before. A FollowMe leg may have been declined. */
export function wasPassedOn(events: CallEvent[], { main, direction }: Parties): boolean {
  return (
    direction !== 'internal' &&
    events.some((event) => event.uniqueId !== main && tookOver(event) && !isFollowMe(event))
  );
}

/**
 * Of the legs those that no bridge has seen. Whom a bridge has seen is judged by bridges alone: "consult refused" may
 * hang up as if the client had been taken.
 */
export function listUnseenLegs(legs: CallEvent[], stays: Stay[], { channels }: Parties) {
  const seen = new Set(
    stays.flatMap(({ uniqueId }) => {
      const party = channels.get(uniqueId);
      return party?.side === 'inside' ? party.extension : [];
    }),
  );
  return legs.filter(({ extensions: [extension] }) => !seen.has(extension ?? ''));
}

/** A leg that took the client over: its hangup names the client. One that was only asked names who asked. */
function tookOver(leg: CallEvent): boolean {
  return leg.kind === 'hangup' && leg.callStatus === 2 && isOutsideNumber(leg.phone);
}

/**
 * In the hangup of an answered call Extensions name the first who answered; in that of a lost transfer they name the
 * colleague who did not. Where they do not help it was the only one who could.
 */
export function nameFirstAnswerer(
  events: CallEvent[],
  call: Pick<Parties, 'main' | 'caller'> & {
    mainHangup: CallEvent;
    verdict: Verdict;
    status: CallStatus;
  },
): string | undefined {
  const [named] = call.mainHangup.extensions;
  if (call.verdict === 'answered' && named !== undefined && named !== call.caller) return named;
  const talked = call.verdict === 'answered' || call.status === 'lost_in_transfer';
  return talked ? findOnlyOneRung(events, call.main) : undefined;
}

export type Told = { first: string | undefined; legs: CallEvent[]; handOvers: CallEvent[] };

/**
 * "Blind transfer accepted" without bridges: a dial passes the client on to one colleague, and the call ends answered.
 * A leg that began later knows better who took it (FollowMe).
 */
export function listHandOvers(events: CallEvent[], { first, legs }: Omit<Told, 'handOvers'>) {
  const dials = events.filter((event) => event.kind === 'dial' && isTransferLeg(event));
  return dials.filter(
    ({ extensions: [extension, ...others], receivedAt }) =>
      extension !== undefined &&
      extension !== first &&
      others.length === 0 &&
      !legs.some((leg) => leg.receivedAt >= receivedAt),
  );
}

/** Each talks until the next one takes over. */
export function describeTold(
  { first, legs, handOvers }: Told,
  { clock, timezone }: { clock: Clock; timezone: string },
): Talker[] {
  const talkers = [
    ...(first === undefined ? [] : [{ extension: first, from: clock.startedAt, to: null }]),
    ...handOvers.flatMap(({ extensions, receivedAt }) =>
      extensions.map((extension) => ({ extension, from: clock.read(+receivedAt), to: null })),
    ),
    ...legs.flatMap((leg) => describeLeg(leg, { first, clock, timezone })),
  ].toSorted((one, other) => +one.from - +other.from);
  return talkers.map((talker, index) => ({
    ...talker,
    to: talker.to ?? talkers[index + 1]?.from ?? clock.endedAt,
  }));
}

function describeLeg(
  leg: CallEvent,
  { first, clock, timezone }: { first: string | undefined; clock: Clock; timezone: string },
): Talker[] {
  const [extension] = leg.extensions;
  if (extension === undefined || extension === first) return [];
  const end = readBoxTime(leg.endTime, timezone) ?? clock.read(+leg.receivedAt);
  const start = readBoxTime(leg.startTime, timezone) ?? findTakeOver(end, clock);
  const from = clock.keep(start ?? end);
  return [{ extension, from, to: start ? latest(from, clock.keep(end)) : null }];
}

/**
 * A consult leg (no StartTime) ends when the client is handed over, and then its talk with him begins. Only when the
 * caller of an outgoing call handed over by leaving does the leg outlive the main channel; then it lasts as the talk.
 */
function findTakeOver(legEnd: Date, { mainEndedAt }: Clock): Date | undefined {
  return mainEndedAt && legEnd > mainEndedAt ? mainEndedAt : undefined;
}

function latest(one: Date, other: Date): Date {
  return one > other ? one : other;
}
