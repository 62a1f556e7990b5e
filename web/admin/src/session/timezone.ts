import { createContext, use } from 'react';

/** The clock by which times are shown: of the enterprise, or of the operator where there is none. */
export const OPERATORS_TIMEZONE = 'Europe/Minsk';

export const TimezoneContext = createContext(OPERATORS_TIMEZONE);

export function useTimezone(): string {
  return use(TimezoneContext);
}
