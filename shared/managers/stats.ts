import type * as z from 'zod';

import { toLine } from '../calls/call-table.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import type { getStats } from './api.schema.ts';
import { MANAGERS_TIMEZONE } from './managers.ts';
import { listDays, listManagerFigures, loadTotals } from './stats.sql.ts';

type Stats = z.output<(typeof getStats.answers)[200]['body']>;

const WEEK_MS = 7 * 86_400_000;
const LONGEST_MS = 400 * 86_400_000;

/** The figures of a time. @throws AppError 422 the end is before the beginning, or more than 400 days after it */
export async function readStats(
  db: Pool,
  query: { from?: string | undefined; to?: string | undefined },
): Promise<Stats> {
  const to = query.to === undefined ? new Date() : new Date(query.to);
  const from = query.from === undefined ? new Date(to.getTime() - WEEK_MS) : new Date(query.from);
  const range = { from, to };
  const length = to.getTime() - from.getTime();
  if (length <= 0 || length > LONGEST_MS) {
    const message = 'Неверный промежуток времени';
    throw new AppError('unprocessable', message, { errors: [{ path: 'from', message }] });
  }
  const totals = await loadTotals(db, range);
  const managers = await listManagerFigures(db, range);
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    totals: {
      sessions: totals.sessions,
      chats: totals.chats,
      offline_requests: totals.offlineRequests,
      accepted: totals.accepted,
      closed: totals.closed,
      accept_seconds: totals.acceptSeconds,
      first_answer_seconds: totals.firstAnswerSeconds,
      ai_resolved_share: totals.aiResolvedShare,
      rating: totals.rating,
      ratings: totals.ratings,
    },
    days: await listDays(db, range, MANAGERS_TIMEZONE),
    managers: managers.map(({ acceptSeconds, firstAnswerSeconds, shiftHours, ...figures }) => ({
      ...figures,
      accept_seconds: acceptSeconds,
      first_answer_seconds: firstAnswerSeconds,
      shift_hours: shiftHours,
    })),
  };
}

/** Excel takes a file for UTF-8 only with the mark, and where it speaks Russian it parts columns by semicolons. */
const BYTE_ORDER_MARK = '\uFEFF';

/** The days, and below them the managers. */
export function tabulateStats({ days, managers, totals }: Stats): string {
  const rounded = (value: number | null) => (value === null ? null : Math.round(value * 10) / 10);
  const rows = [
    ['День', 'Посетителей', 'Чатов', 'Принято'],
    ...days.map(({ day, sessions, chats, accepted }) => [day, sessions, chats, accepted]),
    [],
    ['Менеджер', 'Принято', 'До принятия, с', 'До ответа, с', 'Оценка', 'Оценок', 'Смена, ч'],
    ...managers.map((figures) => [
      figures.name,
      figures.accepted,
      rounded(figures.accept_seconds),
      rounded(figures.first_answer_seconds),
      rounded(figures.rating),
      figures.ratings,
      rounded(figures.shift_hours),
    ]),
    [],
    [
      'Решено ИИ, %',
      rounded(totals.ai_resolved_share === null ? null : totals.ai_resolved_share * 100),
    ],
  ];
  return `${BYTE_ORDER_MARK}${rows.map(toLine).join('')}`;
}
