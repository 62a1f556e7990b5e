/** The state machine: all events of a call, whatever the order of processing, make the call. Pure. */

import type { CallEvent } from './call-event.ts';
import type { Call, CallStatus, Talker } from './call.ts';
import { hasEnded } from './call.ts';
import {
  describeTold,
  listHandOvers,
  listLegs,
  listUnseenLegs,
  nameFirstAnswerer,
  wasPassedOn,
} from './hangup-talkers.ts';
import { readBoxTime } from './local-time.ts';
import { arrangeEvents, findMainHangup, isCallEvidence, isTransferLeg } from './main-channel.ts';
import { decideEnd, decideReaped, readVerdict, type Verdict } from './outcome.ts';
import { identifyParties, type Originate, type Parties } from './parties.ts';
import { findTransfer, listRang, listRinging } from './ringing.ts';
import { findConversation, type Conversation } from './talkers.ts';
import {
  type Clock,
  countSeconds,
  countUnion,
  findLegAfterEnd,
  findTalkAfterEnd,
  setClock,
} from './times.ts';
import { compareUniqueIds } from './unique-id.ts';

/** A call without a word from its box for this long is over. */
export const REAPED_AFTER_MS = 4 * 60 * 60_000;

export type FoldOptions = {
  /** Of the enterprise; the box writes its times in it. */
  timezone: string;
  /** Lets the reaper end a silent call; without it nothing is reaped. */
  now?: Date | undefined;
  /** Our own click-to-calls that this call may be the answer to. */
  originates?: Originate[] | undefined;
};

/** One group of events → the call; undefined when they are not a call (caller ids and empty bridges only). */
export function foldCall(input: readonly CallEvent[], options: FoldOptions): Call | undefined {
  const events = arrangeEvents(input);
  if (!events.some(isCallEvidence)) return undefined;

  const evidence = gatherEvidence(events, options);
  const { parties, conversation, mainHangup } = evidence;
  const status = decideStatus(evidence);
  const clock = setClock(events, {
    ...evidence,
    lastTalk: findTalkAfterEnd(conversation.stints, parties),
  });
  const { talkers, first } = listTalkers(evidence, { status, clock });
  const names = talkers.map(({ extension }) => extension);
  const ended = hasEnded(status);
  const passing = status === 'transferring' || status === 'lost_in_transfer';
  return {
    mainUniqueId: parties.main,
    direction: parties.direction,
    status,
    phone: parties.phone,
    line: parties.line,
    ringing: ended ? [] : listRinging(events, conversation),
    rang: listRang(events, names, parties),
    caller: parties.caller,
    talkers,
    firstAnsweredBy: first !== undefined && names.includes(first) ? first : (names[0] ?? null),
    lastTalkedBy: names.at(-1) ?? null,
    transfer: passing ? findTransfer(events, conversation, names.at(-1), mainHangup) : null,
    clickToCall: parties.clickToCall,
    ...describeTimes(clock, talkers, { answered: isAnswered(status), ...evidence }),
    settled: ended && isSettled(evidence),
    uniqueIds: listUniqueIds(events, parties.main),
  };
}

/** What the rules are applied to. */
type Evidence = {
  events: CallEvent[];
  timezone: string;
  parties: Parties;
  conversation: Conversation;
  /** Bridges saw somebody of ours with the outside party; otherwise hangups have to tell. */
  bridged: boolean;
  mainHangup: CallEvent | undefined;
  verdict: Verdict;
  /** An answered hangup or a transfer leg proves an answer even where no bridge was seen. */
  answeredOnce: boolean;
  lastLeg: CallEvent | undefined;
  /** The moment of the last event, when nothing came after it for too long. */
  reapedAt: Date | undefined;
};

function gatherEvidence(
  events: CallEvent[],
  { timezone, now, originates = [] }: FoldOptions,
): Evidence {
  const parties = identifyParties(events, originates);
  const conversation = findConversation(events, parties);
  const mainHangup = findMainHangup(events);
  const somebodyRang = events.some(({ extensions }) => extensions.length > 0);
  return {
    events,
    timezone,
    parties,
    conversation,
    bridged: conversation.stints.length > 0,
    mainHangup,
    verdict: readVerdict(mainHangup, { somebodyRang }),
    answeredOnce:
      conversation.met ||
      wasPassedOn(events, parties) ||
      saysAnswered(events, { ...parties, somebodyRang }),
    lastLeg: findLegAfterEnd(events, { ...parties, mainHangup }),
    reapedAt: mainHangup ? undefined : findReaping(events, now),
  };
}

/** Only the main channel's hangup or the reaper ends a call. */
function decideStatus(evidence: Evidence): CallStatus {
  const { events, parties, conversation, mainHangup, reapedAt } = evidence;
  if (mainHangup) return decideEnd({ ...evidence, mainHangup, direction: parties.direction });
  const living = findLivingStatus(events, parties, conversation);
  return reapedAt ? decideReaped(parties.direction, living) : living;
}

function listTalkers(
  { events, timezone, parties, conversation, bridged, mainHangup, verdict }: Evidence,
  { status, clock }: { status: CallStatus; clock: Clock },
): { talkers: Talker[]; first: string | undefined } {
  if (!isAnswered(status)) return { talkers: [], first: undefined };
  const first =
    mainHangup && nameFirstAnswerer(events, { ...parties, mainHangup, verdict, status });
  const legs = listUnseenLegs(listLegs(events, parties, verdict), conversation.stays, parties);
  // Bridges say better than hangups and dials who came first and who took a transfer; a transfer that the call was
  // lost in was dialled, but nobody took it.
  const handOvers =
    bridged || status === 'lost_in_transfer' ? [] : listHandOvers(events, { first, legs });
  const told = { first: bridged ? undefined : first, legs, handOvers };
  const talkers = [
    ...describeStints(conversation, clock),
    ...describeTold(told, { clock, timezone }),
  ].toSorted((one, other) => +one.from - +other.from);
  return { talkers, first };
}

/**
 * A hangup of the main channel that tells of an answer: it says so, or its CallType has become 2, which only a transfer
 * of an answered call does (click-to-call begins with an internal leg and proves nothing). A box that reports the end
 * twice cannot take an answer back.
 */
function saysAnswered(
  events: CallEvent[],
  { main, clickToCall, somebodyRang }: Parties & { somebodyRang: boolean },
): boolean {
  const hangups = events.filter(({ kind, uniqueId }) => kind === 'hangup' && uniqueId === main);
  return hangups.some(
    (hangup) =>
      (isTransferLeg(hangup) && !clickToCall) ||
      readVerdict(hangup, { somebodyRang }) === 'answered',
  );
}

function findLivingStatus(
  events: CallEvent[],
  parties: Parties,
  { stints }: Conversation,
): CallStatus {
  if (stints.length > 0) {
    return stints.some(({ to }) => to === Infinity) ? 'talking' : 'transferring';
  }
  const rings = parties.direction !== 'in' || events.some(({ kind }) => kind === 'dial');
  return rings ? 'ringing' : 'greeting';
}

function findReaping(events: CallEvent[], now: Date | undefined): Date | undefined {
  const last = events.at(-1)?.receivedAt;
  return now && last && +now - +last > REAPED_AFTER_MS ? last : undefined;
}

function isAnswered(status: CallStatus): boolean {
  return ['talking', 'transferring', 'answered', 'lost_in_transfer', 'internal_answered'].includes(
    status,
  );
}

function describeStints({ stints }: Conversation, clock: Clock): Talker[] {
  return stints.map((stint) => {
    const from = clock.read(stint.from);
    // Still in a bridge when the call ended: more may come, until then the talk ended with it.
    const open = clock.endedAt && new Date(Math.max(+clock.endedAt, +from));
    return {
      extension: stint.extension,
      from,
      to: stint.to === Infinity ? open : clock.read(stint.to),
    };
  });
}

function describeTimes(
  { startedAt, endedAt }: Clock,
  talkers: Talker[],
  {
    answered,
    bridged,
    mainHangup,
    timezone,
  }: { answered: boolean; bridged: boolean; mainHangup: CallEvent | undefined; timezone: string },
): Pick<Call, 'startedAt' | 'answeredAt' | 'endedAt' | 'waitSeconds' | 'talkSeconds'> {
  // Without bridges nobody knows when the answer came, unless the call list told: the talk is counted from the start.
  const told = bridged ? talkers[0]?.from : readBoxTime(mainHangup?.answerTime, timezone);
  const answeredAt = answered ? (told ?? startedAt) : null;
  const waitedUntil = answeredAt ?? endedAt;
  return {
    startedAt,
    answeredAt,
    endedAt,
    waitSeconds: waitedUntil ? countSeconds(startedAt, waitedUntil) : null,
    talkSeconds: endedAt && (answeredAt ? countTalk(talkers, { answeredAt, endedAt, bridged }) : 0),
  };
}

function countTalk(
  talkers: Talker[],
  { answeredAt, endedAt, bridged }: { answeredAt: Date; endedAt: Date; bridged: boolean },
): number {
  if (!bridged) return countSeconds(answeredAt, endedAt);
  return countUnion(talkers.map(({ from, to }) => ({ from, to: to ?? endedAt })));
}

/** See Call.settled. After the reaper nothing more is to come. */
function isSettled({ events, conversation, reapedAt }: Evidence): boolean {
  if (reapedAt) return true;
  const announced = events.some(({ kind }) => kind === 'start' || kind === 'dial');
  return announced && conversation.stays.every(({ to }) => to !== Infinity);
}

function listUniqueIds(events: CallEvent[], main: string): string[] {
  const others = new Set(events.flatMap(({ uniqueId }) => uniqueId ?? []));
  others.delete(main);
  return [main, ...[...others].toSorted(compareUniqueIds)];
}
