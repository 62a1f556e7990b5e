/** How a call stands and how it ended. */

import type { CallEvent } from './call-event.ts';
import type { CallStatus, Direction, EndStatus } from './call.ts';

/** What the main channel's hangup says of the call. */
export type Verdict = 'answered' | 'unanswered' | 'left_greeting' | undefined;

const VERDICT_OF_CALL_STATUS: Record<number, Verdict> = {
  0: 'unanswered',
  1: 'left_greeting',
  2: 'answered',
  5: 'answered',
};

/** ISDN causes. 34, 42 and 44: no free channel on the line ("line busy, no spare"), which to the caller is busy. */
const BUSY_CAUSES = new Set([17, 34, 42, 44]);
/** Cleared, no reply, unreachable, refused by the other side, no cause at all. */
const NO_ANSWER_CAUSES = new Set([0, 16, 18, 19, 20, 21, 31, 127]);
const NORMAL_CLEARING = 16;

/** CallStatus; where it is absent or unknown, DIALSTATUS; then Cause. */
export function readVerdict(
  hangup: CallEvent | undefined,
  { somebodyRang }: { somebodyRang: boolean },
): Verdict {
  if (hangup === undefined) return undefined;
  const { callStatus, dialStatus, cause } = hangup;
  const verdict = callStatus === undefined ? undefined : VERDICT_OF_CALL_STATUS[callStatus];
  if (verdict) return verdict;
  if (dialStatus !== undefined) return dialStatus === 'ANSWER' ? 'answered' : 'unanswered';
  if (cause === undefined) return undefined;
  if (cause !== NORMAL_CLEARING) return 'unanswered';
  // A greeting ends with normal clearing too: nobody was dialled, so nobody answered.
  return somebodyRang ? 'answered' : 'left_greeting';
}

export type Outcome = {
  direction: Direction;
  verdict: Verdict;
  mainHangup: CallEvent;
  /** Somebody of ours had the outside party at some time, whoever says so. */
  answeredOnce: boolean;
  /** See findLegAfterEnd. */
  lastLeg: CallEvent | undefined;
};

/** The status of a call whose main channel has hung up. Nothing here turns a talk into a missed call. */
export function decideEnd(outcome: Outcome): EndStatus {
  const { direction, verdict, answeredOnce } = outcome;
  const answered = answeredOnce || verdict === 'answered';
  if (direction === 'internal') return answered ? 'internal_answered' : 'internal_missed';
  if (wasLostInTransfer(outcome)) return 'lost_in_transfer';
  if (answered) return 'answered';
  if (direction === 'out') return nameFailure(outcome.mainHangup);
  return verdict === 'left_greeting' ? 'abandoned' : 'missed';
}

function wasLostInTransfer({ verdict, answeredOnce, lastLeg }: Outcome): boolean {
  // "Outgoing, blind transfer, nobody": the client's own channel ended unanswered after the caller had gone.
  if (lastLeg?.callStatus === 0) return true;
  // "Incoming, blind transfer, nobody": somebody had the client, and at the end nobody was there.
  return answeredOnce && isUnanswered(verdict);
}

/** Whether the hangup itself says that nobody was there at the end. */
export function isUnanswered(verdict: Verdict): boolean {
  return verdict === 'unanswered' || verdict === 'left_greeting';
}

function nameFailure({ cause, dialStatus }: CallEvent): EndStatus {
  if (dialStatus === 'BUSY') return 'busy';
  if (cause !== undefined) {
    if (BUSY_CAUSES.has(cause)) return 'busy';
    if (!NO_ANSWER_CAUSES.has(cause)) return 'failed';
  }
  return dialStatus === 'CONGESTION' || dialStatus === 'CHANUNAVAIL' ? 'failed' : 'no_answer';
}

/** The reaper's view of a call nobody hung up: what is known at the last event. */
export function decideReaped(direction: Direction, status: CallStatus): EndStatus {
  const talked = status === 'talking' || status === 'transferring';
  if (direction === 'internal') return talked ? 'internal_answered' : 'internal_missed';
  if (talked) return 'answered';
  if (direction === 'out') return 'no_answer';
  return status === 'greeting' ? 'abandoned' : 'missed';
}
