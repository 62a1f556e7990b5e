import { randomUUID } from 'node:crypto';

import type { Pool } from '../db.ts';
import { ComeBackLater } from '../errors.ts';
import type { Queue } from '../queue.ts';
import { lockWaiting, offerToEverybody, offerToNext } from './cards.sql.ts';
import { toCard } from './messages.ts';

type Dependencies = { db: Pool; telegram: Pick<Queue, 'sendAll'> };

/**
 * Asks the next manager when the one before had his time. The queue's message comes back when that time is over, so
 * the step is taken to the second; when it is lost the timers take it within a minute.
 * @throws ComeBackLater while somebody's answer is waited for
 */
export function createOffers({ db, telegram }: Dependencies) {
  return async function offer(chatId: string): Promise<void> {
    const asked = await db.begin(async (tx) => {
      const waiting = await lockWaiting(tx, chatId);
      if (waiting?.state !== 'waiting' || !waiting.isDue) return [];
      const next = await offerToNext(tx, chatId);
      return next === undefined ? offerToEverybody(tx, chatId) : [next];
    });
    const round = randomUUID();
    await telegram.sendAll(asked.map((managerId) => toCard(chatId, managerId, round)));
    const waiting = await lockWaiting(db, chatId);
    if (waiting?.state === 'waiting' && waiting.secondsLeft !== null)
      throw new ComeBackLater(Math.max(1, waiting.secondsLeft), 'a manager is waited for');
  };
}
