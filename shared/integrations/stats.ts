import { INTEGRATION_TYPES } from '../crm/crm.schema.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import { lastMomentOf, momentOf } from '../zoned-time.ts';
import type { Stats } from './deliveries.schema.ts';
import { findTimezone } from './deliveries.sql.ts';
import { countPaused, loadFigures, loadSeries } from './stats.sql.ts';

type Query = { from?: string | undefined; to?: string | undefined };

const HOUR_MS = 3_600_000;
const LONGEST_MS = 31 * 24 * HOUR_MS + HOUR_MS;
const BY_THE_HOUR_MS = 49 * HOUR_MS;

/** @throws AppError 404; 422 the period is empty or too long */
export async function getStats(db: Pool, number: string, query: Query): Promise<Stats> {
  const timezone = await findTimezone(db, number);
  if (timezone === undefined) throw new AppError('not_found', 'Предприятие не найдено');
  return statsOf(db, query, timezone, number);
}

/** @throws AppError 422 the period is empty or too long */
export function getAllStats(db: Pool, query: Query): Promise<Stats> {
  return statsOf(db, query, 'UTC');
}

async function statsOf(
  db: Pool,
  query: Query,
  timezone: string,
  enterpriseNumber?: string,
): Promise<Stats> {
  const to = query.to === undefined ? new Date() : lastMomentOf(query.to, timezone);
  const from =
    query.from === undefined
      ? new Date(to.getTime() - 24 * HOUR_MS)
      : momentOf(query.from, timezone);
  const length = to.getTime() - from.getTime();
  if (length <= 0 || length > LONGEST_MS) {
    const message = length > 0 ? 'must be at most 31 days before to' : 'must be before to';
    throw new AppError('unprocessable', `from: ${message}`, {
      errors: [{ path: 'from', message }],
    });
  }
  const period = { enterpriseNumber, from, to };
  const unit = length <= BY_THE_HOUR_MS ? 'hour' : 'day';
  const [figures, paused, series] = await Promise.all([
    loadFigures(db, period),
    countPaused(db, period),
    loadSeries(db, period, unit, timezone),
  ]);

  const total = sum(figures.map(({ events }) => events));
  const errors = sum(figures.map((figure) => figure.errors));
  const integrations = INTEGRATION_TYPES.map((type) => {
    const figure = figures.find(({ integrationType }) => integrationType === type);
    const stopped = paused.find(({ integrationType }) => integrationType === type);
    return [
      type,
      {
        events: figure?.events ?? 0,
        errors: figure?.errors ?? 0,
        p95_ms: figure?.p95Ms ?? null,
        paused: stopped?.paused ?? 0,
      },
    ] as const;
  });
  return {
    total_events: total,
    success_rate: total === 0 ? 100 : Math.round(((total - errors) / total) * 1000) / 10,
    integrations: Object.fromEntries(integrations),
    series: series.map(({ at, ...point }) => ({ at: at.toISOString(), ...point })),
  };
}

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);
