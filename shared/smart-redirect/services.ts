import { type BoxDefaults, loadBox, pinHostKey } from '../asterisk/boxes.sql.ts';
import { createPool } from '../asterisk/pool.ts';
import type { Pool } from '../db.ts';
import type { SecretBox } from '../secrets.ts';
import { createMover } from './move.ts';
import { createRedirect } from './redirect.ts';
import { createFinder, type FinderDependencies } from './responsible.ts';

type Settings = FinderDependencies & { db: Pool; secrets: SecretBox; defaults: BoxDefaults };

/** Smart redirect with the boxes behind it, for the functions that do it. `close` is for programs that end. */
export function createSmartRedirect({ defaults, ...dependencies }: Settings) {
  const { db, secrets } = dependencies;
  const pool = createPool({ pin: (number, fingerprint) => pinHostKey(db, number, fingerprint) });
  const finder = createFinder(dependencies);
  const redirect = createRedirect({
    db,
    finder,
    mover: createMover({ pool }),
    loadBox: (number) => loadBox(db, number, { secrets, defaults }),
  });
  return { finder, redirect, close: () => pool.close() };
}
