import * as z from 'zod';

import type { QueueMessage } from '../queue.ts';

const CallMessage = z.object({ callId: z.uuid() });
const DeliveryMessage = z.object({ deliveryId: z.string() });

/** On the live queue: a call, or a delivery, that has changed. */
export const LiveMessage = z.union([CallMessage, DeliveryMessage]);
export type LiveMessage = z.output<typeof LiveMessage>;

export type ChangedCall = { enterpriseNumber: string; callId: string; version: number };

/** The changes of an enterprise keep their order; a version of a call is told once. */
export function toLiveMessage({ enterpriseNumber, callId, version }: ChangedCall): QueueMessage {
  return {
    body: { callId } satisfies z.output<typeof CallMessage>,
    group: enterpriseNumber,
    dedup: `${callId}:${version}`,
  };
}

export type ChangedDelivery = {
  enterpriseNumber: string;
  id: string;
  attempts: number;
  state: string;
};

/** What becomes of a delivery is told once per attempt and state. */
export function toLiveDelivery({
  enterpriseNumber,
  id,
  attempts,
  state,
}: ChangedDelivery): QueueMessage {
  return {
    body: { deliveryId: id } satisfies z.output<typeof DeliveryMessage>,
    group: enterpriseNumber,
    dedup: `delivery:${id}:${attempts}:${state}`,
  };
}
