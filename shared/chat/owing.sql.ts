import * as z from 'zod';

import { chatIntegrations, IntegrationsConfig } from '../crm/config.ts';
import type { ChatStep } from '../crm/crm.schema.ts';
import type { Transaction } from '../db.ts';
import type { QueuedDelivery } from '../deliveries/messages.ts';
import { queuedColumns } from '../deliveries/order.sql.ts';
import { Queued } from '../deliveries/owing.sql.ts';

const Enterprise = z.object({ config: IntegrationsConfig });

/**
 * Owes a step of a chat to every integration of the enterprise that wants it; a step that is owed already stays as it
 * is. A chat may be taken several times: each time is told. Returns the deliveries whose messages have to be sent.
 */
export async function oweChatStep(
  tx: Transaction,
  {
    enterpriseNumber,
    chatId,
    step,
    messageId,
  }: { enterpriseNumber: string; chatId: string; step: ChatStep; messageId: string | null },
): Promise<QueuedDelivery[]> {
  const [row] = await tx`
    select integrations_config as config
    from enterprises
    where number = ${enterpriseNumber} and active`;
  const types = row ? chatIntegrations(Enterprise.parse(row).config, step) : [];
  if (types.length === 0) return [];
  const round =
    step === 'chat_accepted'
      ? tx`(
          select coalesce(max(round), 0) + 1
          from deliveries
          where chat_id = ${chatId} and integration_type = type and step = ${step}
        )`
      : tx`1`;
  const rows = await tx`
    insert into deliveries (enterprise_number, integration_type, chat_id, chat_message_id, step, round, queued_at, sends)
    select ${enterpriseNumber}, type, ${chatId}, ${messageId}::bigint, ${step}, ${round}, now(), 1
    from unnest(${types}::text[]) as type
    on conflict do nothing
    returning ${queuedColumns(tx)}`;
  return Queued.array().parse([...rows]);
}
