import { useTranslation } from 'react-i18next';

import { INTEGRATION_TYPES, STEPS } from '../../../../shared/crm/crm.schema.ts';
import {
  DELIVERY_STATES,
  type LogEntry,
} from '../../../../shared/integrations/deliveries.schema.ts';
import type { Tone } from '../ui/status.tsx';
import { INTEGRATION_TITLES } from './integration-titles.ts';

export const DELIVERY_TONES: Record<string, Tone> = {
  pending: 'blue',
  sending: 'blue',
  delivered: 'green',
  retrying: 'amber',
  parked: 'amber',
  skipped: 'grey',
  failed: 'red',
  expired: 'grey',
};

const LOG_TONES = { success: 'green', error: 'red', pending: 'amber', skipped: 'grey' } as const;

/** How a line of the log ended: what was delivered has a status, what was passed over has a reason and none. */
function endOf({ status, http_status, error_message }: LogEntry): keyof typeof LOG_TONES {
  return status === 'success' && http_status === null && error_message !== null
    ? 'skipped'
    : status;
}

/** The words of deliveries; one that is not known yet is shown as it is. */
export function useDeliveryWords() {
  const { t } = useTranslation();
  return {
    integration: (type: string): string => INTEGRATION_TITLES[type] ?? type,
    state(state: string): string {
      const known = DELIVERY_STATES.find((each) => each === state);
      return known ? t(`deliveries.states.${known}`) : state;
    },
    step(step: string): string {
      const known = [...STEPS, 'register', 'test'].find((each) => each === step) as
        | Known
        | undefined;
      return known ? t(`deliveries.steps.${known}`) : step;
    },
    /** For a Status. */
    logEntry(entry: LogEntry): { tone: Tone; label: string } {
      const end = endOf(entry);
      return { tone: LOG_TONES[end], label: t(`integrations.logStatuses.${end}`) };
    },
    integrationOptions: INTEGRATION_TYPES.map((value) => ({
      value,
      label: INTEGRATION_TITLES[value] ?? value,
    })),
    stateOptions: DELIVERY_STATES.map((value) => ({
      value,
      label: t(`deliveries.states.${value}`),
    })),
    stepOptions: STEPS.map((value) => ({ value, label: t(`deliveries.steps.${value}`) })),
  };
}

type Known = (typeof STEPS)[number] | 'register' | 'test';
