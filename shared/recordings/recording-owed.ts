import type { IntegrationType } from '../crm/crm.schema.ts';
import type { ExistingStep, NewStep } from '../deliveries/steps-owed.ts';

/**
 * What a call owes because a recording of it is there now. Once per integration, and only to those that know the call
 * already. A late call whose journal entry is not sent yet takes the recording along with it.
 */
export function recordingOwed(
  call: { direction: string; active: boolean },
  existing: ExistingStep[],
  integrations: IntegrationType[],
  now: Date,
): NewStep[] {
  if (call.direction === 'internal' || !call.active) return [];
  return integrations.flatMap((integrationType) => {
    const steps = existing.filter((step) => step.integrationType === integrationType);
    const entry = steps.find(({ step }) => step === 'hangup' || step === 'download');
    if (!entry || steps.some(({ step }) => step === 'recording')) return [];
    if (entry.step === 'download' && entry.state === 'pending') return [];
    return [{ integrationType, step: 'recording', round: 1, extensions: [], dueAt: now }];
  });
}
