import { TZDate } from '@date-fns/tz';

import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import { getAllStats, getStats } from '../integrations/stats.ts';
import { formatInZone, momentOf } from '../zoned-time.ts';
import type { Attention, Overview } from './overview.schema.ts';
import {
  type Counted,
  countCallsByHour,
  countLiveCalls,
  findTimezone,
  listTroubles,
  type Trouble,
} from './overview.sql.ts';
import { listLastRuns } from './services.sql.ts';
import { type ReachStorage, scheduleNames, stateOfStorage } from './services.ts';

const PAGES = {
  integration_paused: 'integrations',
  integration_errors: 'integrations',
  telegram_paused: 'enterprises',
  dead_letters: 'services',
  box_unseen: 'box',
  host_key_changed: 'box',
  low_balance: 'hosting',
} as const satisfies Record<Trouble['kind'], Attention['page']>;

/** Today, on the clock of the enterprise. @throws AppError 404 */
export async function getOverview(db: Pool, number: string, now = new Date()): Promise<Overview> {
  const timezone = await findTimezone(db, number);
  if (timezone === undefined) throw new AppError('not_found', 'Предприятие не найдено');
  return overviewOf(db, { timezone, now, number });
}

/** Today of all enterprises, on this clock. */
export async function getAllOverview(
  db: Pool,
  timezone: string,
  { storage, now = new Date() }: { storage?: ReachStorage | undefined; now?: Date } = {},
): Promise<Overview> {
  const [overview, unreachable] = await Promise.all([
    overviewOf(db, { timezone, now }),
    storage ? unreachableStorage(storage) : [],
  ]);
  return { ...overview, attention: [...unreachable, ...overview.attention] };
}

type Asked = { timezone: string; now: Date; number?: string };

async function overviewOf(db: Pool, { timezone: wanted, now, number }: Asked): Promise<Overview> {
  const timezone = zoneOrDefault(wanted);
  const date = formatInZone(now, timezone).slice(0, 10);
  const from = momentOf(date, timezone);
  const to = new Date(+now + 60_000); // the boxes' clocks may be a little ahead
  const period = { from: from.toISOString(), to: to.toISOString() };
  const [hours, live, stats, troubles, failed] = await Promise.all([
    countCallsByHour(db, { enterpriseNumber: number, from, to, timezone }),
    countLiveCalls(db, number),
    number === undefined ? getAllStats(db, period) : getStats(db, number, period),
    listTroubles(db, number),
    number === undefined ? failedJobs(db) : [],
  ]);
  const { total_events, success_rate, integrations } = stats;
  return {
    date,
    timezone,
    calls: {
      ...sumOf(hours),
      live,
      by_hour: hours.map((hour) => ({ ...sumOf([hour]), at: hour.at.toISOString() })),
    },
    deliveries: { total_events, success_rate, integrations },
    attention: [...troubles.map(toAttention), ...failed],
  };
}

async function unreachableStorage(storage: ReachStorage): Promise<Attention[]> {
  const { problem } = await stateOfStorage(storage);
  if (problem === null) return [];
  return [
    {
      kind: 'storage_unreachable',
      enterprise_number: null,
      enterprise_name: null,
      item: null,
      reason: null,
      since: null,
      page: 'services',
    },
  ];
}

/** A schedule whose last run came to nothing. */
async function failedJobs(db: Pool): Promise<Attention[]> {
  const runs = await listLastRuns(db, scheduleNames);
  return runs
    .filter(({ result }) => result !== null && result !== 'done')
    .map(({ name, result, startedAt }) => ({
      kind: 'job_failed',
      enterprise_number: null,
      enterprise_name: null,
      item: name,
      reason: result,
      since: startedAt.toISOString(),
      page: 'services',
    }));
}

function toAttention(trouble: Trouble): Attention {
  const { kind, enterpriseNumber, enterpriseName, item, reason, since } = trouble;
  return {
    kind,
    enterprise_number: enterpriseNumber,
    enterprise_name: enterpriseName,
    item,
    reason,
    since: since?.toISOString() ?? null,
    page: PAGES[kind],
  };
}

function sumOf(hours: Counted[]) {
  const sum = (pick: (hour: Counted) => number): number =>
    hours.reduce((total, hour) => total + pick(hour), 0);
  const [incoming, outgoing] = [sum((hour) => hour.incoming), sum((hour) => hour.outgoing)];
  const internal = sum((hour) => hour.internal);
  return {
    total: incoming + outgoing + internal,
    incoming,
    outgoing,
    internal,
    answered: sum(({ answered }) => answered),
    missed: sum(({ missed }) => missed),
  };
}

/** The database refuses a zone it does not know; what an enterprise has stored may be older than the check of it. */
function zoneOrDefault(timezone: string): string {
  return Number.isNaN(+new TZDate(2026, 0, 1, timezone)) ? 'Europe/Minsk' : timezone;
}
