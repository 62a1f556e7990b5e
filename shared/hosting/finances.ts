import type { TimewebFinances } from '../timeweb/schema.ts';

const HOURS_PER_DAY = 24;
const DAYS_PER_MONTH = 30;
export const FEWEST_DAYS = 7;

/** How long the balance lasts at what is spent now; null when that is unknown, or nothing is spent. */
export function daysLeft({ balance, hours_left: hours, ...spend }: TimewebFinances): number | null {
  const daily = dailySpend(spend);
  const left = balance !== null && daily ? balance / daily : hours && hours / HOURS_PER_DAY;
  return left === null ? null : Math.round(Math.max(0, left) * 10) / 10;
}

/** Roubles a day, with discounts when those are known. */
function dailySpend(
  spend: Pick<TimewebFinances, 'hourly_fee' | 'hourly_cost' | 'monthly_fee' | 'monthly_cost'>,
): number | null {
  const hourly = spend.hourly_fee || spend.hourly_cost;
  if (hourly) return hourly * HOURS_PER_DAY;
  const monthly = spend.monthly_fee || spend.monthly_cost;
  return monthly ? monthly / DAYS_PER_MONTH : null;
}
