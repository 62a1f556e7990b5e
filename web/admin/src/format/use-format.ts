import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { useTimezone } from '../session/timezone.ts';
import { createFormat, type Format } from './format.ts';

/** Formats in the chosen language and on the clock of the enterprise that is shown. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  const timezone = useTimezone();
  return useMemo(() => createFormat(i18n.language, timezone), [i18n.language, timezone]);
}
