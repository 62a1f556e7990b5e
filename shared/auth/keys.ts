import type { Db } from '../db.ts';
import type { HttpRequest } from '../lambda/http-event.ts';
import type { ApiKey, KeyScope } from './keys.schema.ts';
import { findKey } from './keys.sql.ts';
import { hashToken, newToken } from './tokens.ts';

/** Says at a glance what it is, to people and to scanners for leaked secrets. */
const PREFIX = 'trk_';
const SHOWN_CHARACTERS = PREFIX.length + 4;
const FORMAT = /^trk_[\w-]{43}$/;

export function makeKey(): { key: string; prefix: string; keyHash: Buffer } {
  const key = `${PREFIX}${newToken()}`;
  return { key, prefix: key.slice(0, SHOWN_CHARACTERS), keyHash: hashToken(key) };
}

/** The key that a program shows as bearer, when it opens `scope`. A route without a session asks this. */
export async function keyOf(
  db: Db,
  { headers }: Pick<HttpRequest, 'headers'>,
  scope: KeyScope,
): Promise<ApiKey | undefined> {
  const [, key = ''] = /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '') ?? [];
  return isKey(key) ? findKey(db, hashToken(key), scope) : undefined;
}

/** Whether this text can be a key at all: the WebSocket takes secrets of other kinds, too. */
export const isKey = (text: string): boolean => FORMAT.test(text);
