/** How values are shown. Pure: language and zone come in. */

const MINUS = '−';

export type Format = ReturnType<typeof createFormat>;

export function createFormat(language: string, timezone: string) {
  const locale = language === 'en' ? 'en-GB' : 'ru-RU';
  const zone = knownZone(timezone);
  const inZone = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: 'h23', ...options });
  const time = inZone({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const hour = inZone({ hour: '2-digit', minute: '2-digit' });
  const dayMonth = inZone({ day: 'numeric', month: 'short' });
  const date = inZone({ day: 'numeric', month: 'short', year: 'numeric' });
  const digits = inZone({ day: '2-digit', month: '2-digit', year: 'numeric' });
  const weekday = inZone({ weekday: 'short', day: 'numeric', month: 'long' });
  const month = inZone({ month: 'long', year: 'numeric' });
  const shortMonth = inZone({ month: 'short', year: '2-digit' });
  const isoDate = new Intl.DateTimeFormat('sv-SE', { timeZone: zone });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });

  return {
    timezone: zone,
    time: (iso: string) => time.format(new Date(iso)),
    hour: (iso: string) => hour.format(new Date(iso)),
    date: (iso: string) => date.format(new Date(iso)),
    /** `31.01.2026`. */
    digits: (iso: string) => digits.format(new Date(iso)),
    /** `сб, 31 января`. */
    weekday: (iso: string) => weekday.format(new Date(iso)),
    /** `январь 2026 г.` */
    month: (iso: string) => month.format(new Date(iso)),
    /** `янв. 26 г.` */
    shortMonth: (iso: string) => shortMonth.format(new Date(iso)),
    /** The day of a moment on this clock: `2026-01-31`. */
    isoDate: (moment: Date) => isoDate.format(moment),
    /** `14:05:12` today, `3 янв., 14:05:12` before. */
    moment(iso: string, now = new Date()): string {
      const at = new Date(iso);
      if (isoDate.format(at) === isoDate.format(now)) return time.format(at);
      const day = at.getUTCFullYear() === now.getUTCFullYear() ? dayMonth : date;
      return `${day.format(at)}, ${time.format(at)}`;
    },
    /** `5 мин назад`. */
    ago(iso: string, now = new Date()): string {
      const seconds = (new Date(iso).getTime() - now.getTime()) / 1000;
      const [size, unit] = UNITS.find(([size]) => Math.abs(seconds) >= size) ?? LAST_UNIT;
      return relative.format(Math.round(seconds / size), unit);
    },
    /** How long something has lasted or waited, in its largest unit: `3 дня`, `12 мин`. */
    span(seconds: number): string {
      const [size, unit] = UNITS.find(([size]) => seconds >= size) ?? LAST_UNIT;
      const options = { style: 'unit', unit, unitDisplay: 'short' } as const;
      return new Intl.NumberFormat(locale, options).format(Math.floor(seconds / size));
    },
    number: (value: number) => number.format(value),
    /** Of a value from 0 to 100. */
    percent: (value: number) => percent.format(value / 100),
    /** Unknown is a dash, never a zero. */
    money(value: number | null | undefined, currency: string): string {
      if (value === null || value === undefined) return '—';
      const options = {
        style: 'currency',
        currency,
        maximumFractionDigits: 2,
        trailingZeroDisplay: 'stripIfInteger',
      } as const;
      return new Intl.NumberFormat(locale, options).format(value).replace('-', MINUS);
    },
    bytes(value: number): string {
      const index = Math.min(Math.floor(Math.log(Math.max(value, 1)) / Math.log(1024)), 4);
      const shown = value / 1024 ** index;
      const unit = (language === 'en' ? BYTES_EN : BYTES_RU)[index] ?? '';
      return `${number.format(shown < 10 ? Math.round(shown * 10) / 10 : Math.round(shown))} ${unit}`;
    },
  };
}

const BYTES_RU = ['Б', 'КБ', 'МБ', 'ГБ', 'ТБ'];
const BYTES_EN = ['B', 'KB', 'MB', 'GB', 'TB'];

type Unit = [seconds: number, unit: Intl.RelativeTimeFormatUnit];
const LAST_UNIT: Unit = [1, 'second'];
const UNITS: Unit[] = [
  [31_536_000, 'year'],
  [2_592_000, 'month'],
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  LAST_UNIT,
];

/** `0:42`, `12:05`, `1:02:03`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [
    Math.floor(whole / 3600),
    Math.floor((whole % 3600) / 60),
    whole % 60,
  ];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Groups of digits as people of the country write them; a short number stays as it is. */
const GROUPS: [pattern: RegExp, shown: string][] = [
  [/^(375)(\d\d)(\d{3})(\d\d)(\d\d)$/, '+$1 $2 $3-$4-$5'],
  [/^(7)(\d{3})(\d{3})(\d\d)(\d\d)$/, '+$1 $2 $3-$4-$5'],
  [/^(380)(\d\d)(\d{3})(\d\d)(\d\d)$/, '+$1 $2 $3-$4-$5'],
  [/^(1)(\d{3})(\d{3})(\d{4})$/, '+$1 $2 $3-$4'],
  [/^(\d{10,15})$/, '+$1'],
];

export function formatPhone(phone: string): string {
  const [pattern, shown] = GROUPS.find(([pattern]) => pattern.test(phone)) ?? [];
  return pattern && shown ? phone.replace(pattern, shown) : phone;
}

function knownZone(timezone: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    return timezone;
  } catch {
    return 'Europe/Minsk';
  }
}
