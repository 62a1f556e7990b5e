/** The first moment of a day (`2026-01-31`) on a clock, as the API takes moments. */
export const startOfDay = (day: string, timezone: string): string =>
  `${day}T00:00:00${offsetOf(day, timezone)}`;

export const endOfDay = (day: string, timezone: string): string =>
  `${day}T23:59:59.999${offsetOf(day, timezone)}`;

/** `+03:00`, at noon of that day. */
function offsetOf(day: string, timezone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: timezone, timeZoneName: 'longOffset' });
  const name = parts
    .formatToParts(new Date(`${day}T12:00:00Z`))
    .find(({ type }) => type === 'timeZoneName')?.value;
  return name?.replace('GMT', '') || '+00:00';
}

export const isDay = (text: string | undefined): text is string =>
  text !== undefined &&
  /^\d{4}-\d\d-\d\d$/.test(text) &&
  !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
