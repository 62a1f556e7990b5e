import type { ChatStep } from '../crm/crm.schema.ts';
import type { Pool, Transaction } from '../db.ts';
import { CrmMessage, type QueuedDelivery, toCrmMessage } from '../deliveries/messages.ts';
import { markUnqueued } from '../deliveries/owing.sql.ts';
import type { Queue } from '../queue.ts';
import { oweChatStep } from './owing.sql.ts';

type Dependencies = {
  db: Pool;
  crm: Pick<Queue, 'sendAll'>;
  /** Whose CRMs and webhook hear of chats; undefined: nobody's. */
  enterpriseNumber: string | undefined;
};

export type TellCrms = ReturnType<typeof createTellCrms>;

/** What the CRMs and the webhook of the chat's enterprise are told: owed in the turn's own transaction, sent after it. */
export function createTellCrms({ db, crm, enterpriseNumber }: Dependencies) {
  return {
    async owe(
      tx: Transaction,
      chatId: string,
      step: ChatStep,
      messageId: string | null = null,
    ): Promise<QueuedDelivery[]> {
      if (enterpriseNumber === undefined) return [];
      return oweChatStep(tx, { enterpriseNumber, chatId, step, messageId });
    },

    /** What the queue does not take now is brought by the sweeper. */
    async send(owed: QueuedDelivery[]): Promise<void> {
      if (owed.length === 0) return;
      const refused = await crm.sendAll(owed.map(toCrmMessage));
      await markUnqueued(
        db,
        refused.map(({ body }) => CrmMessage.parse(body).deliveryId),
      );
    },
  };
}
