import type { Pool } from '../db.ts';
import { ComeBackLater } from '../errors.ts';
import { report } from '../lambda/report.ts';
import type { createManagersBot } from './bot.ts';
import type { UpdateMessage } from './messages.ts';
import { failUpdate, finishUpdate, loadUpdate } from './updates.sql.ts';

type Dependencies = { db: Pool; work: ReturnType<typeof createManagersBot> };

/** An update that fails so often is put aside: the person's next ones must not wait for it for ever. */
const TRIES = 5;

/** Works a stored update in, once. */
export function createUpdateWorker({ db, work }: Dependencies) {
  return async function handle(
    { updateId }: UpdateMessage,
    { receives }: { receives: number },
  ): Promise<void> {
    const update = await loadUpdate(db, updateId);
    if (!update) return;
    try {
      await work(update);
    } catch (error) {
      if (receives < TRIES) throw error;
      if (!(error instanceof ComeBackLater))
        await report('an update was put aside', error, { updateId: String(updateId) });
      return failUpdate(db, updateId);
    }
    await finishUpdate(db, updateId);
  };
}
