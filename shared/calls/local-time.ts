import { TZDate } from '@date-fns/tz';

const FALLBACK_ZONE = 'Europe/Minsk';

/** The moment a box meant by 'YYYY-MM-DD HH:MM:SS' on its wall. A zone nobody knows counts as the default one. */
export function readBoxTime(text: string | undefined, timezone: string): Date | undefined {
  if (text === undefined) return undefined;
  const [year, month, day, hour, minute, second] = text.split(/[- :]/).map(Number);
  if (year === undefined || month === undefined) return undefined;
  const inZone = (zone: string) =>
    new Date(+new TZDate(year, month - 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0, zone));
  const moment = inZone(timezone);
  return Number.isNaN(moment.getTime()) ? inZone(FALLBACK_ZONE) : moment;
}
