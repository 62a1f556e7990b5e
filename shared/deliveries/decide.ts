import type { Step } from '../crm/crm.schema.ts';
import type { DeliveryState } from './steps-owed.ts';

/** A delivery at the moment its message arrives, with all that decides whether it may be sent. */
export type Candidate = {
  state: DeliveryState;
  step: Step;
  attempts: number;
  maybeApplied: boolean;
  dueAt: Date;
  nextAttemptAt: Date;
  leasedUntil: Date | null;
  callEnded: boolean;
  /** The integration is switched on and its settings are complete. */
  working: boolean;
  pausedAt: Date | null;
  openUntil: Date | null;
  /** An earlier step of the same call and integration is not finished. */
  blocked: boolean;
  /** No older delivery of the integration waits. */
  isOldest: boolean;
  /** Requests of this integration under way on all instances. */
  inFlight: number;
};

export type Decision =
  | { do: 'send'; maybeApplied: boolean }
  /** Finished or somebody else's: acknowledge the message, change nothing. */
  | { do: 'ignore' }
  /** Acknowledge; the row waits for the sweeper or for the step before it. */
  | { do: 'leave'; nextAttemptAt?: Date }
  /** Back to the queue, for so long. */
  | { do: 'later'; seconds: number; why: string }
  | { do: 'finish'; state: 'skipped' | 'expired' | 'parked'; reason: string };

/** A late pop-up is worse than none. */
export const POP_UP_LIVES_MS = 15_000;
/** Longer waits leave the queue, so that they do not burn receives. */
export const MAX_QUEUE_WAIT_SECONDS = 120;
const MAX_IN_FLIGHT = 4;

/** Steps that open or change a card on somebody's screen. */
export function isPopUp(step: Step): boolean {
  return step === 'dial' || step === 'bridge';
}

export function decide(delivery: Candidate, now: Date): Decision {
  const popUp = isPopUp(delivery.step);
  switch (delivery.state) {
    case 'delivered':
    case 'skipped':
    case 'failed':
    case 'expired':
    case 'parked':
      return { do: 'ignore' };
    case 'sending': {
      const left = secondsUntil(delivery.leasedUntil, now);
      if (left > 0) return { do: 'later', seconds: left, why: 'another worker is sending it' };
      break;
    }
    case 'pending':
    case 'retrying':
      break;
  }
  // A lease that ran out: the worker died, perhaps after the CRM had taken the request.
  const maybeApplied = delivery.maybeApplied || delivery.state === 'sending';

  if (!delivery.working)
    return { do: 'finish', state: 'skipped', reason: 'Интеграция выключена или не настроена' };
  if (delivery.pausedAt)
    return { do: 'finish', state: 'parked', reason: 'Интеграция приостановлена' };
  if (delivery.blocked) return { do: 'leave' };
  if (popUp && maybeApplied) {
    return {
      do: 'finish',
      state: 'expired',
      reason: 'Карточка, возможно, уже показана: повтор показал бы её дважды',
    };
  }
  if (popUp && now.getTime() - delivery.dueAt.getTime() > POP_UP_LIVES_MS) {
    return { do: 'finish', state: 'expired', reason: 'Карточка опоздала больше чем на 15 секунд' };
  }
  const wait = secondsUntil(delivery.nextAttemptAt, now);
  if (wait > 0.5) return waitFor(wait, 'its time has not come');
  if (delivery.step === 'hangup' && !delivery.callEnded) return { do: 'leave' };

  const open = secondsUntil(delivery.openUntil, now);
  if (open > 0 && delivery.openUntil) {
    // The oldest stays near, to be the next probe; the others wait off the queue until one is answered.
    if (delivery.isOldest) return { do: 'later', seconds: open, why: 'the circuit is open' };
    return { do: 'leave', nextAttemptAt: delivery.openUntil };
  }
  // Each request that ends brings one of those that wait here.
  if (delivery.inFlight >= MAX_IN_FLIGHT) return { do: 'leave' };
  return { do: 'send', maybeApplied };
}

function waitFor(seconds: number, why: string): Decision {
  return seconds > MAX_QUEUE_WAIT_SECONDS ? { do: 'leave' } : { do: 'later', seconds, why };
}

function secondsUntil(moment: Date | null, now: Date): number {
  return moment ? Math.max(0, (moment.getTime() - now.getTime()) / 1000) : 0;
}
