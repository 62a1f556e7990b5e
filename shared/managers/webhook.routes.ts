import { type Pool, repeatOnDeadConnection } from '../db.ts';
import type { Route } from '../lambda/http.ts';
import { log } from '../lambda/log.ts';
import { route } from '../lambda/route.ts';
import type { Queue } from '../queue.ts';
import { onlyTelegram } from '../telegram/webhook-secret.ts';
import { toUpdateMessage } from './messages.ts';
import { BotUpdate, chatOf } from './update.schema.ts';
import { storeUpdate } from './updates.sql.ts';
import { takeUpdate } from './webhook.schema.ts';

type Dependencies = {
  db: Pool;
  updates: Pick<Queue, 'sendAll'>;
  /** Undefined: no webhook was ever set, so nobody is Telegram. */
  webhookSecret: string | undefined;
};

/** Keeps an update once and answers; it is worked in from the queue. */
export function webhookRoutes({ db, updates, webhookSecret }: Dependencies): Route[] {
  const taken = route(takeUpdate, async ({ body }) => {
    const update = BotUpdate.safeParse(body);
    if (!update.success) {
      // Refused it would come again and again, and hold up what the same person writes next.
      log.warn('an update of a kind we do not read', { updateId: body.update_id });
      return { status: 200, body: { ok: true } };
    }
    const chat = chatOf(update.data);
    await repeatOnDeadConnection(() => storeUpdate(db, update.data, chat));
    // A repeat too: the first one's message may have been lost. What the queue does not take the timers find.
    await updates.sendAll([toUpdateMessage(update.data.update_id, chat)]);
    return { status: 200, body: { ok: true } };
  });
  return [onlyTelegram(taken, webhookSecret)];
}
