import type { Db } from '../db.ts';
import { log } from '../lambda/log.ts';
import type { Queue } from '../queue.ts';
import { areDeliveriesHeard } from './connections.sql.ts';
import { type ChangedDelivery, toLiveDelivery } from './messages.ts';

/** Says that a delivery has changed, when anybody listens. Never at the cost of the delivery. */
export function createTellDelivery({ db, live }: { db: Db; live: Pick<Queue, 'sendAll'> }) {
  return async function tellDelivery(delivery: ChangedDelivery): Promise<void> {
    try {
      if (!(await areDeliveriesHeard(db, delivery.enterpriseNumber))) return;
      await live.sendAll([toLiveDelivery(delivery)]);
    } catch (error) {
      const cause = error instanceof Error ? error : undefined;
      log.warn('a delivery is not shown live', { error: cause });
    }
  };
}
