import { createHash } from 'node:crypto';

import type * as z from 'zod';

import { AppError } from './errors.ts';

const CHECK_LENGTH = 8;

/**
 * Where a list goes on, for a caller to hand back as it is. It carries a check over itself and over `scope`, the list
 * and the filters it belongs to. That is no secret and need not be one: a cursor opens nothing that the filters do not.
 */
export function encodeCursor(place: unknown, scope: unknown): string {
  const text = JSON.stringify(place);
  return Buffer.from(`${checkOf(text, scope)}${text}`).toString('base64url');
}

/** @throws AppError 422 not a cursor of this list with these filters */
export function decodeCursor<Schema extends z.ZodType>(
  schema: Schema,
  cursor: string,
  scope: unknown,
): z.output<Schema> {
  const decoded = Buffer.from(cursor, 'base64url');
  const text = decoded.toString('utf8');
  const place = text.slice(CHECK_LENGTH);
  // Decoding is lenient: of all the texts that decode to the same only the one we made is taken.
  const isOurs = decoded.toString('base64url') === cursor && text === checkOf(place, scope) + place;
  const result = isOurs ? schema.safeParse(JSON.parse(place)) : undefined;
  if (result?.success) return result.data;
  const message = 'is not a cursor of this list; ask without one to begin again';
  throw new AppError('unprocessable', `cursor: ${message}`, {
    errors: [{ path: 'cursor', message }],
  });
}

function checkOf(place: string, scope: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([place, scope]))
    .digest('base64url')
    .slice(0, CHECK_LENGTH);
}
