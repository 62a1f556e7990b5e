import type { Step } from '../crm/crm.schema.ts';
import { VendorFailure } from '../crm/failure.ts';
import { isPopUp, MAX_QUEUE_WAIT_SECONDS, POP_UP_LIVES_MS } from './decide.ts';
import type { DeliveryState } from './steps-owed.ts';

/** What becomes of a delivery after an attempt. */
export type Verdict = {
  state: DeliveryState;
  /** In plain words, for the admin. */
  problem: string | null;
  retryInSeconds: number | null;
  /** Whether it waits for the retry on the queue; longer waits are brought back by the sweeper. */
  staysQueued: boolean;
  maybeApplied: boolean;
  timedOut: boolean;
  /** Nothing works until a person acts: the whole integration is to be paused. */
  pause: boolean;
  httpStatus: number | null;
};

/** Pauses before the 2nd, 3rd … attempt. After the last one the delivery has failed. */
const RETRY_SECONDS = [5, 30, 120, 600, 3600, 4 * 3600, 11 * 3600];
const JITTER = 0.2;

/** The class of a failure decides; see the table in the CRM document. `attempt` counts from 1. */
export function judgeFailure(
  error: unknown,
  attempt: number,
  random: () => number = Math.random,
): Verdict {
  const failure =
    error instanceof VendorFailure
      ? error
      : new VendorFailure('permanent', 'Внутренняя ошибка Trunkline', { cause: error });
  const base: Verdict = {
    state: 'failed',
    problem: failure.message,
    retryInSeconds: null,
    staysQueued: false,
    maybeApplied: failure.maybeApplied,
    timedOut: failure.timedOut,
    pause: false,
    httpStatus: failure.httpStatus ?? null,
  };
  switch (failure.failureClass) {
    case 'permanent':
      return base;
    case 'auth':
      return { ...base, state: 'parked', pause: true };
    case 'limit':
    case 'retry': {
      const planned = RETRY_SECONDS[attempt - 1];
      if (planned === undefined) return base;
      const jittered = planned * (1 + JITTER * (2 * random() - 1));
      const retryInSeconds = failure.retryAfterSeconds ?? jittered;
      const staysQueued = retryInSeconds <= MAX_QUEUE_WAIT_SECONDS;
      return { ...base, state: 'retrying', retryInSeconds, staysQueued };
    }
  }
}

/** A card that would come too late, or that may be open already, is not tried again: the steps behind it go on. */
export function withoutLateCard(
  verdict: Verdict,
  { step, dueAt, now }: { step: Step; dueAt: Date; now: Date },
): Verdict {
  if (verdict.state !== 'retrying' || !isPopUp(step)) return verdict;
  const next = now.getTime() + (verdict.retryInSeconds ?? 0) * 1000;
  if (!verdict.maybeApplied && next - dueAt.getTime() <= POP_UP_LIVES_MS) return verdict;
  return { ...verdict, state: 'expired', retryInSeconds: null, staysQueued: false };
}
