/** What a server's status says of it: to the client's money first, then to whether it runs. */
export const STATUSES = ['active', 'overdue', 'suspended', 'closed'] as const;
export type ServerStatus = (typeof STATUSES)[number];

export const PAYMENT_PERIODS = ['monthly', 'quarterly', 'yearly'] as const;
export type PaymentPeriod = (typeof PAYMENT_PERIODS)[number];

const MONTHS: Record<PaymentPeriod, number> = { monthly: 1, quarterly: 3, yearly: 12 };

/** Prices are of a month; a client pays per period. */
export const monthsOf = (period: PaymentPeriod, periods = 1): number => MONTHS[period] * periods;

type Prices = { costPrice: number | null; clientPrice: number | null; serviceFee: number };

/** Roubles a month; null when a part of it is unknown. */
export function marginOf({ costPrice, clientPrice, serviceFee }: Prices): number | null {
  if (costPrice === null || clientPrice === null) return null;
  return roundMoney(clientPrice + serviceFee - costPrice);
}

/** Roubles a month that the client owes; null when his price is unknown. */
export function revenueOf({ clientPrice, serviceFee }: Omit<Prices, 'costPrice'>): number | null {
  return clientPrice === null ? null : roundMoney(clientPrice + serviceFee);
}

export const roundMoney = (roubles: number): number => Math.round(roubles * 100) / 100;

/** The zone in which a day of payment begins and ends. */
const ZONE = 'Europe/Minsk';
const dayFormat = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short' });

/** `2026-11-21`: the day it is for those who pay. */
export const dayOf = (moment: Date): string => dayFormat.format(moment);

/**
 * The date so many months later. A month that is too short gives its last day; the day of the month comes back from
 * `anchor` (the start date) as soon as a month is long enough for it.
 */
export function addMonths(date: string, months: number, anchor: string | null = null): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const isLastDay = day === lastDayOf(year, month);
  const wanted = isLastDay && anchor ? Math.max(day, Number(anchor.slice(8))) : day;
  const index = year * 12 + (month - 1) + months;
  const [newYear, newMonth] = [Math.floor(index / 12), (index % 12) + 1];
  const newDay = Math.min(wanted, lastDayOf(newYear, newMonth));
  return [String(newYear).padStart(4, '0'), pad(newMonth), pad(newDay)].join('-');
}

const lastDayOf = (year: number, month: number): number =>
  new Date(Date.UTC(year, month, 0)).getUTCDate();
const pad = (value: number): string => String(value).padStart(2, '0');
