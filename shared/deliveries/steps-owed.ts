import { type Call, hasEnded } from '../calls/call.ts';
import type { CallStep, IntegrationType } from '../crm/crm.schema.ts';

export type DeliveryState =
  | 'pending'
  | 'sending'
  | 'delivered'
  | 'retrying'
  | 'parked'
  | 'skipped'
  | 'failed'
  | 'expired';

/** A step that a call already owes, or has paid. */
export type ExistingStep = {
  id: string;
  integrationType: string;
  step: CallStep;
  round: number;
  extensions: string[];
  state: DeliveryState;
  maybeApplied: boolean;
};

export type NewStep = {
  integrationType: IntegrationType;
  step: CallStep;
  round: number;
  extensions: string[];
  dueAt: Date;
};

export type StepChanges = {
  owed: NewStep[];
  /** Pop-ups that nobody has seen yet and that a newer one replaces. */
  superseded: string[];
  /** A hangup not sent yet whose moment has changed: the call went on, or became certain. */
  moved: { id: string; dueAt: Date }[];
};

/** An ended call that more events may still change is told this much later. */
export const UNSETTLED_WAIT_MS = 60_000;

/** A late call older than this is history, as of a box that was just connected: no CRM is told of it. */
const LATE_CALL_IS_NEWS_MS = 7 * 24 * 60 * 60_000;

/**
 * What a call, as it is now, owes to each integration beyond what it owes already.
 * Pop-ups (dial, bridge) come in rounds: a new one starts when who rings, or who talks, has changed.
 * The hangup is owed once. Internal calls owe nothing. A late call, known only from the box's call list or a
 * recording, owes one journal entry (`download`) and nothing else, whatever events join it.
 */
export function stepsOwed(
  call: Call,
  existing: ExistingStep[],
  integrations: IntegrationType[],
  { now, late = false }: { now: Date; late?: boolean },
): StepChanges {
  const changes: StepChanges = { owed: [], superseded: [], moved: [] };
  if (call.direction === 'internal') return changes;
  for (const integrationType of integrations) {
    const steps = existing.filter((step) => step.integrationType === integrationType);
    if (late) addDownload(changes, { call, steps, integrationType, now });
    else if (hasEnded(call.status)) addHangup(changes, { call, steps, integrationType, now });
    else addPopUp(changes, { call, steps, integrationType, now });
  }
  return changes;
}

type Subject = { call: Call; steps: ExistingStep[]; integrationType: IntegrationType; now: Date };

function addPopUp(changes: StepChanges, { call, steps, integrationType, now }: Subject): void {
  const popUp = popUpOf(call);
  const hangup = steps.find(({ step }) => step === 'hangup');
  if (hangup && isUnsent(hangup)) {
    changes.moved.push({ id: hangup.id, dueAt: new Date(now.getTime() + UNSETTLED_WAIT_MS) });
  }
  if (!popUp || hangup) return;

  const last = steps
    .filter(({ step }) => step === popUp.step)
    .toSorted((a, b) => b.round - a.round)[0];
  if (last && sameExtensions(last.extensions, popUp.extensions)) return;
  changes.owed.push({ integrationType, ...popUp, round: (last?.round ?? 0) + 1, dueAt: now });
  const replaced = steps.filter((step) => step.step === popUp.step && isUnseen(step));
  changes.superseded.push(...replaced.map(({ id }) => id));
}

function addHangup(changes: StepChanges, { call, steps, integrationType, now }: Subject): void {
  const dueAt = call.settled ? now : new Date(now.getTime() + UNSETTLED_WAIT_MS);
  const hangup = steps.find(({ step }) => step === 'hangup');
  if (!hangup) {
    changes.owed.push({ integrationType, step: 'hangup', round: 1, extensions: [], dueAt });
  } else if (isUnsent(hangup)) {
    changes.moved.push({ id: hangup.id, dueAt });
  }
}

/** It waits a little: the recording of the call and its other legs are found in the same run. */
function addDownload(changes: StepChanges, { call, steps, integrationType, now }: Subject): void {
  const isNews = call.endedAt !== null && +now - +call.endedAt < LATE_CALL_IS_NEWS_MS;
  if (!isNews || steps.length > 0) return;
  const dueAt = new Date(now.getTime() + UNSETTLED_WAIT_MS);
  changes.owed.push({ integrationType, step: 'download', round: 1, extensions: [], dueAt });
}

/** Who has a card to see now: those who ring, or the one who talks. */
function popUpOf(call: Call): { step: CallStep; extensions: string[] } | undefined {
  const talking = call.talkers.filter(({ to }) => to === null).map(({ extension }) => extension);
  if (call.status === 'talking' && talking.length > 0)
    return { step: 'bridge', extensions: talking };
  if (call.ringing.length > 0) return { step: 'dial', extensions: call.ringing };
  return undefined;
}

/** Nobody can have seen it: not sent yet, or refused for sure. */
function isUnseen({ state, maybeApplied }: ExistingStep): boolean {
  return state === 'pending' || (state === 'retrying' && !maybeApplied);
}

function isUnsent({ state }: ExistingStep): boolean {
  return state === 'pending';
}

function sameExtensions(a: string[], b: string[]): boolean {
  return (
    a.length === b.length && a.toSorted().every((value, index) => value === b.toSorted()[index])
  );
}
