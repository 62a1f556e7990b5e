const KNOWN = Intl.supportedValuesOf('timeZone').filter((zone) => zone.includes('/'));

/** The zones of this browser, and whatever one is stored besides. */
export const timezonesWith = (stored: string): string[] =>
  KNOWN.includes(stored) ? KNOWN : [stored, ...KNOWN];
