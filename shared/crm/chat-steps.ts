import type { ChatDeliveryStep, ChatSnapshot, DeliveryResult } from './crm.ts';

type Ways = {
  /** As people know the CRM. */
  vendor: string;
  /** Finds the client's card or makes one, and says which. */
  card: (phone: string) => Promise<{ note: string }>;
  transcript: (phone: string) => Promise<DeliveryResult>;
};

/** What a CRM that keeps clients is told of a chat: whose it is at the hand-over, and all that was said at its end. */
export async function payChatStep(
  { step }: Pick<ChatDeliveryStep, 'step'>,
  { phone }: ChatSnapshot,
  { vendor, card, transcript }: Ways,
): Promise<DeliveryResult> {
  if (phone === null) return { outcome: 'skipped', reason: 'Посетитель не оставил телефон' };
  switch (step) {
    case 'chat': {
      const { note } = await card(phone);
      return { outcome: 'delivered', note };
    }
    case 'chat_closed':
      return transcript(phone);
    case 'chat_accepted':
    case 'chat_message':
      return { outcome: 'skipped', reason: `${vendor} получает переписку, когда чат завершён` };
  }
}
