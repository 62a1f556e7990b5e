import type { Pool } from '../db.ts';
import type { Counts } from '../lambda/schedule.ts';
import type { Timeweb } from '../timeweb/client.ts';
import { dayOf } from './hosting.ts';
import type { createOperatorNews } from './operators.ts';
import { createSync, keepHostingBooks } from './sync.ts';

type Dependencies = {
  db: Pool;
  /** Undefined without a token: payments are followed all the same. */
  timeweb: Timeweb | undefined;
  news: ReturnType<typeof createOperatorNews>;
  clock?: () => Date;
};

/** The hourly run: servers, payments, and whether the money lasts. */
export function createTimewebSync({ db, timeweb, news, clock = () => new Date() }: Dependencies) {
  return async function syncTimeweb(): Promise<Counts> {
    if (!timeweb) {
      await db.begin((tx) => keepHostingBooks(tx, dayOf(clock())));
      const isTold = await news.tellChanges();
      return { configured: 0, told: Number(isTold) };
    }
    const sync = createSync({ db, timeweb, tellChanges: news.tellChanges, clock });
    const counts = await sync.syncAll({ kind: 'schedule', autoOnly: true });
    const balanceAlert = await news.checkBalance(timeweb);
    return { configured: 1, ...counts, balanceAlert: Number(balanceAlert) };
  };
}
