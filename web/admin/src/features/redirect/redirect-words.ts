import { useTranslation } from 'react-i18next';

import type { Tone } from '../../ui/status.tsx';
import { INTEGRATION_TITLES } from '../../words/integration-titles.ts';
import type { Lookup, Redirect } from './api.ts';

export const LOOKUP_TONES: Record<Lookup['outcome'], Tone> = {
  found: 'green',
  no_extension: 'amber',
  nobody: 'grey',
  failed: 'red',
  late: 'amber',
};

export function useRedirectWords() {
  const { t } = useTranslation();
  return {
    reason: (reason: NonNullable<Redirect['reason']>): string => t(`redirect.reasons.${reason}`),
    /** Who named the manager. */
    source: (source: NonNullable<Redirect['source']>): string =>
      source === 'last_talked' || source === 'first_talked'
        ? t(`redirect.fallbacks.${source}`)
        : (INTEGRATION_TITLES[source] ?? source),
    person: (extension: string | null, name: string | null): string =>
      [extension, name].filter(Boolean).join(' '),
  };
}
