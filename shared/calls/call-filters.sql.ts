import type { Db } from '../db.ts';

/** Digits from the end of a number that make it one: boxes write the way to it as 375…, 80… or not at all. */
const MEANT_DIGITS = 9;
const INDEXED_DIGITS = 7;

/** To be put behind the conditions of a query that reads `calls`. */
export function hasPhone(db: Db, phone: string) {
  if (phone.length < INDEXED_DIGITS) return db`and calls.phone = ${phone}`;
  const end = phone.slice(-MEANT_DIGITS);
  return db`
    and right(calls.phone, 7) = ${phone.slice(-INDEXED_DIGITS)}
    and right(calls.phone, ${end.length}) = ${end}`;
}

/** As above: whose phone rang or talked. */
export function hasExtension(db: Db, enterpriseNumber: string, extension: string) {
  return db`
    and exists (
      select 1
      from call_extensions
      where enterprise_number = ${enterpriseNumber}
        and extension = ${extension}
        and started_at = calls.started_at
        and call_id = calls.id
    )`;
}
