import { type BoxAccess, loadBox } from '../asterisk/boxes.sql.ts';
import type { Pool as Boxes } from '../asterisk/pool.ts';
import { createMover } from './move.ts';
import { createRedirect } from './redirect.ts';
import { createFinder, type FinderDependencies } from './responsible.ts';

type Dependencies = FinderDependencies & { boxes: Pick<Boxes, 'run' | 'warm'>; access: BoxAccess };

/** Smart redirect with the boxes behind it, for the functions that do it. */
export function createSmartRedirect({ boxes, access, ...dependencies }: Dependencies) {
  const { db } = dependencies;
  const finder = createFinder(dependencies);
  const mover = createMover({ pool: boxes });
  const boxOf = (number: string) => loadBox(db, number, access);
  return { finder, redirect: createRedirect({ db, finder, mover, loadBox: boxOf }) };
}
