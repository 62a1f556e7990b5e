import type { Pool as Db } from '../db.ts';
import { createSecretBox } from '../secrets.ts';
import { type BoxAccess, type BoxDefaults, pinHostKey } from './boxes.sql.ts';
import { createPool, type Pool } from './pool.ts';

/** What a function that reaches boxes must be given by its environment, `DATABASE_URL` aside. */
export const BOX_VARIABLES = [
  'ENCRYPTION_KEY',
  'ASTERISK_SSH_PORT',
  'ASTERISK_SSH_USER',
  'ASTERISK_SSH_PASSWORD',
  'ASTERISK_SSH_KEY',
] as const;

/** The way to the boxes of this database: host keys pinned there, credentials opened with the environment's key. */
export function reachBoxes(
  db: Db,
  env: BoxDefaults & { ENCRYPTION_KEY: string },
): { boxes: Pool; access: BoxAccess } {
  return {
    boxes: createPool({ pin: (number, fingerprint) => pinHostKey(db, number, fingerprint) }),
    access: { secrets: createSecretBox(env.ENCRYPTION_KEY), defaults: env },
  };
}
