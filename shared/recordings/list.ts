import * as z from 'zod';

import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import { lastMomentOf, momentOf } from '../zoned-time.ts';
import {
  AdminFilters,
  LONGEST_LIST,
  ProgramFilters,
  type RecordingItem,
} from './recordings.schema.ts';
import {
  findOwner,
  type ListedRecording,
  listRecordings,
  type RecordingOwner,
} from './recordings.sql.ts';
import type { Signer } from './sign.ts';

const WEEK_MS = 7 * 86_400_000;
const LINK_SECONDS = 3600;

/** The place of a row in the list: when it started, to the microsecond, and its id. */
const Place = z.tuple([z.iso.datetime({ precision: 6 }), z.uuid()]);

type Paged<Filters> = Filters & { cursor?: string | undefined; limit?: number | undefined };

/** @throws AppError 404 */
export async function ownerOf(db: Pool, number: string): Promise<RecordingOwner> {
  const owner = await findOwner(db, number);
  if (!owner) throw new AppError('not_found', 'Предприятие не найдено');
  return owner;
}

/** As old clients know the list. @throws AppError 404; 422 the cursor is not of this list */
export async function listForPrograms(
  {
    db,
    signer,
    clock = () => new Date(),
  }: { db: Pool; signer: Pick<Signer, 'get'>; clock?: () => Date },
  number: string,
  { cursor, limit, ...query }: Paged<z.output<typeof ProgramFilters>>,
) {
  const { timezone } = await ownerOf(db, number);
  const scope = ['api', number, ProgramFilters.keyof().options.map((name) => query[name] ?? null)];
  const { date_from, date_to, phone, extension } = query;
  const filters = {
    from: date_from ? momentOf(date_from, timezone) : new Date(+clock() - WEEK_MS),
    to: date_to ? lastMomentOf(date_to, timezone) : undefined,
    phone,
    extension,
  };
  const page = await readPage(db, { number, filters, cursor, scope, limit: limit ?? LONGEST_LIST });
  return {
    recordings: await Promise.all(
      page.rows.map(async (row) => ({
        key: row.key,
        size: row.size,
        call_id: row.callUniqueId ?? row.uniqueId,
        phone: row.phone,
        extension: row.extension,
        started_at: row.startedAt.toISOString(),
        duration: row.durationSeconds,
        download_link: await signer.get(row.key, {
          seconds: LINK_SECONDS,
          contentType: row.contentType,
        }),
      })),
    ),
    next_cursor: page.nextCursor,
  };
}

/** @throws AppError 404; 422 the cursor is not of this list */
export async function listForAdmins(
  { db, publicUrl }: { db: Pool; publicUrl: string },
  number: string,
  { cursor, limit = 50, ...query }: Paged<z.output<typeof AdminFilters>>,
) {
  const owner = await ownerOf(db, number);
  const scope = ['admin', number, AdminFilters.keyof().options.map((name) => query[name] ?? null)];
  const { from, to, ...rest } = query;
  const filters = {
    ...rest,
    from: from ? momentOf(from, owner.timezone) : undefined,
    to: to ? lastMomentOf(to, owner.timezone) : undefined,
  };
  const { rows, nextCursor } = await readPage(db, { number, filters, cursor, scope, limit });
  return { items: rows.map((row) => toItem(row, owner, publicUrl)), next_cursor: nextCursor };
}

async function readPage(
  db: Pool,
  page: {
    number: string;
    filters: Parameters<typeof listRecordings>[1]['filters'];
    cursor: string | undefined;
    scope: unknown;
    limit: number;
  },
) {
  const { number, filters, cursor, scope, limit } = page;
  const [startedAt, id] = cursor ? decodeCursor(Place, cursor, scope) : [];
  const after = startedAt && id ? { startedAt, id } : undefined;
  const found = await listRecordings(db, {
    enterpriseNumber: number,
    filters,
    after,
    limit: limit + 1,
  });
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const more = last && found.length > limit;
  return { rows, nextCursor: more ? encodeCursor([last.place, last.id], scope) : null };
}

export function linkTo(publicUrl: string, file: string): string {
  return `${publicUrl.replace(/\/+$/, '')}/r/${file}`;
}

export function toItem(
  row: ListedRecording,
  { recordings: { retention_days: days } }: RecordingOwner,
  publicUrl: string,
): RecordingItem {
  const keptUntil = new Date(+row.startedAt + days * 86_400_000);
  return {
    id: row.id,
    unique_id: row.uniqueId,
    call_id: row.callId,
    key: row.key,
    link: linkTo(publicUrl, row.file),
    content_type: row.contentType,
    size: row.size,
    sha256: row.sha256,
    duration: row.durationSeconds,
    truncated: row.truncated,
    source: row.source,
    hold: row.hold,
    revoked: row.revokedAt !== null,
    opens: row.opens,
    opened_at: row.openedAt?.toISOString() ?? null,
    on_box: row.source === 'box' && row.boxDeletedAt === null,
    expires_at: row.hold || days === 0 ? null : keptUntil.toISOString(),
    phone: row.phone,
    extension: row.extension,
    direction: row.direction,
    started_at: row.startedAt.toISOString(),
    stored_at: row.storedAt?.toISOString() ?? null,
  };
}
