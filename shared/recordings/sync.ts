import type { Pool } from '../db.ts';
import type { Counts } from '../lambda/schedule.ts';
import type { Queue } from '../queue.ts';
import type { createLateCalls } from './late-calls.ts';
import { toSyncMessage } from './messages.ts';
import { listCopied } from './sync.sql.ts';
import { listOwnersOfUntied } from './tie.sql.ts';

type Dependencies = {
  db: Pool;
  recordings: Pick<Queue, 'sendAll'>;
  lateCalls: Pick<ReturnType<typeof createLateCalls>, 'makeOfRecordings'>;
  tie: (enterpriseNumber: string) => Promise<number>;
  clock?: () => Date;
};

/** A schedule may fire twice for one turn; whoever asks again later means it. */
const RUN_MS = 10_000;

/** Asks for a look at every box whose recordings are copied; ties what was pushed to us instead. */
export function createSync({
  db,
  recordings,
  lateCalls,
  tie,
  clock = () => new Date(),
}: Dependencies) {
  return async function sync(): Promise<Counts> {
    const now = clock();
    const run = String(Math.floor(+now / RUN_MS));
    const enterprises = await listCopied(db);
    const boxes = enterprises.filter(({ hasBox }) => hasBox);
    const refused = await recordings.sendAll(boxes.map(({ number }) => toSyncMessage(number, run)));
    const untied = new Set(await listOwnersOfUntied(db));
    let tied = 0;
    let calls = 0;
    for (const owner of enterprises) {
      // Those with a box are tied after the look at it.
      if (owner.hasBox || !untied.has(owner.number)) continue;
      calls += await lateCalls.makeOfRecordings(owner, now);
      tied += await tie(owner.number);
    }
    return { boxes: boxes.length, refused: refused.length, calls, tied };
  };
}
