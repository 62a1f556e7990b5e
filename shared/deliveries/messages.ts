import * as z from 'zod';

import type { QueueMessage } from '../queue.ts';

/** On the crm queue: a delivery whose turn it may be. */
export const CrmMessage = z.object({ deliveryId: z.string().regex(/^\d+$/) });

export type QueuedDelivery = {
  id: string;
  enterpriseNumber: string;
  integrationType: string;
  /** The call or the chat. */
  owedBy: string;
  attempts: number;
  /** How often this attempt was put on the queue before: a message sent anew must not be taken for a repeat. */
  sends: number;
};

export function toCrmMessage(delivery: QueuedDelivery): QueueMessage {
  const { id, enterpriseNumber, integrationType, owedBy, attempts, sends } = delivery;
  return {
    body: { deliveryId: id } satisfies z.input<typeof CrmMessage>,
    group: `${enterpriseNumber}:${integrationType}:${owedBy}`,
    dedup: sends > 1 ? `${id}:${attempts}:${sends}` : `${id}:${attempts}`,
  };
}
