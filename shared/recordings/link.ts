import type { Pool } from '../db.ts';
import { repeatOnDeadConnection } from '../db.ts';
import { FILE_NAME } from './names.ts';
import { countOpen, findLinked } from './recordings.sql.ts';
import type { Signer } from './sign.ts';

/** Of the link that a player is sent on to. */
const SIGNED_FOR_SECONDS = 600;
/** After so long no file comes any more. */
const FILE_COMES_WITHIN_MS = 24 * 60 * 60_000;

export const NOT_YET = 'Запись ещё загружается';
export const NONE = 'Записи нет';
export const GONE = 'Запись удалена: истёк срок её хранения';
export const REVOKED = 'Ссылка на запись отозвана';

export type OpenedLink = { status: 302; location: string } | { status: 404 | 410; text: string };

/** What a permanent link answers at this moment. */
export function createLinks({
  db,
  signer,
  clock = () => new Date(),
}: {
  db: Pool;
  signer: Pick<Signer, 'get'>;
  clock?: () => Date;
}) {
  return async function open(file: string): Promise<OpenedLink> {
    if (!FILE_NAME.test(file)) return { status: 404, text: NONE };
    const linked = await repeatOnDeadConnection(() => findLinked(db, file));
    if (!linked) return { status: 404, text: NONE };
    const { id, key, contentType, state, since, revoked } = linked;
    if (state === 'deleted') return { status: 410, text: GONE };
    if (revoked) return { status: 410, text: REVOKED };
    if (state !== 'stored' || !id || !key) {
      const mayCome = since !== null && +clock() - +since < FILE_COMES_WITHIN_MS;
      return { status: 404, text: mayCome || state === 'uploading' ? NOT_YET : NONE };
    }
    const location = await signer.get(key, {
      seconds: SIGNED_FOR_SECONDS,
      ...(contentType && { contentType }),
    });
    await countOpen(db, id);
    return { status: 302, location };
  };
}
