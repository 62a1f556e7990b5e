import { TZDate } from '@date-fns/tz';

const FALLBACK_ZONE = 'Europe/Minsk';

/** The first moment that is meant. A zone nobody knows counts as the default one. */
export function momentOf(text: string, timezone: string): Date {
  if (/(Z|[+-]\d\d:?\d\d)$/.test(text) && text.includes('T')) return new Date(text);
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = text
    .split(/[-T:]/)
    .map(Number);
  return inZone(timezone, [year, month - 1, day, hour, minute, second]);
}

/** The last moment that is meant: of a date the end of that day. */
export function lastMomentOf(text: string, timezone: string): Date {
  if (text.includes('T')) return momentOf(text, timezone);
  const [year = 0, month = 1, day = 1] = text.split('-').map(Number);
  return new Date(+inZone(timezone, [year, month - 1, day + 1, 0, 0, 0]) - 1);
}

/** `2026-01-31 12:05:23` on the clock of the enterprise. */
export function formatInZone(moment: Date, timezone: string): string {
  return formatterOf(timezone).format(moment);
}

type Clock = [number, number, number, number, number, number];

function inZone(timezone: string, [year, month, day, hour, minute, second]: Clock): Date {
  const [whole, milliseconds] = [Math.floor(second), Math.round((second % 1) * 1000)];
  const at = (zone: string) =>
    new Date(+new TZDate(year, month, day, hour, minute, whole, milliseconds, zone));
  const moment = at(timezone);
  return Number.isNaN(moment.getTime()) ? at(FALLBACK_ZONE) : moment;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timezone: string): Intl.DateTimeFormat {
  const known = formatters.get(timezone);
  if (known) return known;
  // Swedish is the locale that writes dates as ISO does.
  const create = (timeZone: string) =>
    new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  let formatter: Intl.DateTimeFormat;
  try {
    formatter = create(timezone);
  } catch {
    formatter = create(FALLBACK_ZONE);
  }
  formatters.set(timezone, formatter);
  return formatter;
}
