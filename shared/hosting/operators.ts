import type { Pool } from '../db.ts';
import { log } from '../lambda/log.ts';
import type { Queue } from '../queue.ts';
import { toOperatorText } from '../telegram/messages.ts';
import type { Timeweb } from '../timeweb/client.ts';
import { forgetBalanceAlert, noteBalanceAlert, putBackUntold, takeUntold } from './changes.sql.ts';
import { renderBalanceAlert, renderDigest } from './digest.ts';
import { daysLeft, FEWEST_DAYS } from './finances.ts';
import { dayOf } from './hosting.ts';

type Dependencies = {
  db: Pool;
  telegram: Pick<Queue, 'sendAll'>;
  operatorChatId: string | undefined;
  clock?: () => Date;
};

/** What the operators hear of the servers. What could not be sent is told by the next run. */
export function createOperatorNews({ db, telegram, operatorChatId, clock }: Dependencies) {
  const now = clock ?? (() => new Date());

  /** One message of all changes that nobody was told of yet. Returns whether there was one. */
  async function tellChanges(): Promise<boolean> {
    const changes = await takeUntold(db);
    const last = changes.at(-1);
    if (!last || !operatorChatId) return false;
    const isSent = await send(operatorChatId, `hosting:${last.id}`, renderDigest(changes));
    if (!isSent)
      await putBackUntold(
        db,
        changes.map(({ id }) => id),
      );
    return isSent;
  }

  /** One message a day while the money lasts for less than a week. Returns whether there was one. */
  async function checkBalance(timeweb: Pick<Timeweb, 'getFinances'>): Promise<boolean> {
    const finances = await timeweb.getFinances();
    const { balance, currency = null } = finances;
    const days = daysLeft(finances);
    if (balance === null || days === null || days >= FEWEST_DAYS || !operatorChatId) return false;
    const day = dayOf(now());
    if (!(await noteBalanceAlert(db, { day, balance, daysLeft: days }))) return false;
    const text = renderBalanceAlert({ balance, currency }, days);
    const isSent = await send(operatorChatId, `timeweb-balance:${day}`, text);
    if (!isSent) await forgetBalanceAlert(db, day);
    return isSent;
  }

  async function send(chatId: string, key: string, text: string): Promise<boolean> {
    const refused = await telegram.sendAll([toOperatorText(chatId, key, text)]);
    if (refused.length > 0) log.warn('operators could not be told', { key });
    return refused.length === 0;
  }

  return { tellChanges, checkBalance };
}
