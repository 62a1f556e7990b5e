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
  const zone = knownZone(timezone);
  return new Date(+new TZDate(year, month, day, hour, minute, whole, milliseconds, zone));
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timezone: string): Intl.DateTimeFormat {
  const zone = knownZone(timezone);
  const known = formatters.get(zone);
  if (known) return known;
  // Swedish is the locale that writes dates as ISO does.
  const formatter = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  formatters.set(zone, formatter);
  return formatter;
}

const zones = new Map<string, string>();

/** The zone itself; the default one when nobody knows it: a wrong setting must not stop deliveries and messages. */
export function knownZone(timezone: string): string {
  const known = zones.get(timezone);
  if (known) return known;
  const zone = isZone(timezone) ? timezone : FALLBACK_ZONE;
  zones.set(timezone, zone);
  return zone;
}

/** A name of the time zone database. Offsets are none: Intl and PostgreSQL read their signs differently. */
function isZone(timezone: string): boolean {
  try {
    return (
      /^[A-Za-z]/.test(timezone) && Boolean(new Intl.DateTimeFormat('en', { timeZone: timezone }))
    );
  } catch {
    return false;
  }
}
