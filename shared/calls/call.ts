/** A call: the conversation that the events of a box add up to. Pure data, no I/O, no database words. */

export type Direction = 'in' | 'out' | 'internal';

export const LIVE_STATUSES = ['greeting', 'ringing', 'talking', 'transferring'] as const;
export const END_STATUSES = [
  'answered',
  'missed',
  'abandoned',
  'no_answer',
  'busy',
  'failed',
  'lost_in_transfer',
  'internal_answered',
  'internal_missed',
] as const;
export type LiveStatus = (typeof LIVE_STATUSES)[number];
export type EndStatus = (typeof END_STATUSES)[number];
export type CallStatus = LiveStatus | EndStatus;

/**
 * Somebody on our side who talked with the outside party (or, internally, with who called): an extension, or the
 * mobile a FollowMe leg reached. `to` is null while talking. Who comes back after a consult is listed a second time.
 */
export type Talker = { extension: string; from: Date; to: Date | null };

export type Call = {
  /** Unique id of the main channel: the business key of the call within its enterprise. */
  mainUniqueId: string;
  direction: Direction;
  status: CallStatus;
  /** The outside number, digits only, as the box says it; null when hidden or when the call is internal. */
  phone: string | null;
  /** The operator line ("0001363"); null when no event named it. */
  line: string | null;
  /** Extensions (or mobiles) that ring now, in the order they were dialled. Empty once the call has ended. */
  ringing: string[];
  /** Everybody who rang or was dialled for (outgoing: who calls) at any time, in order, each once. */
  rang: string[];
  /** For an internal call: who called. Null otherwise. */
  caller: string | null;
  talkers: Talker[];
  firstAnsweredBy: string | null;
  lastTalkedBy: string | null;
  /** The transfer that is under way, or the one the call was lost in; null while nobody is seen to be asked. */
  transfer: { from: string; to: string } | null;
  /** Placed by a program (click-to-call), not by dialling. */
  clickToCall: boolean;
  startedAt: Date;
  answeredAt: Date | null;
  /**
   * The end as the box wrote it. A client whom the caller of an outgoing call passed on may talk a while longer: the
   * last talker's `to` and `talkSeconds` know.
   */
  endedAt: Date | null;
  /** Seconds from start to answer, or to the end when nobody answered; null while waiting. 0 on boxes without bridges. */
  waitSeconds: number | null;
  /** Seconds with the outside party (or the colleague); 0 when unanswered; null while the call lives. */
  talkSeconds: number | null;
  /**
   * True when an ended call may be told to the world at once: a start or dial was seen and no channel is left in a
   * bridge. Otherwise more events may change the picture and the teller waits 60 s.
   */
  settled: boolean;
  /** Every channel unique id of the call, main first. */
  uniqueIds: string[];
};

/** True for the states a call never leaves by itself. */
export function hasEnded(status: CallStatus): status is EndStatus {
  return (END_STATUSES as readonly string[]).includes(status);
}
