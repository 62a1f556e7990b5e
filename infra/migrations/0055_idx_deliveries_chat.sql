-- no transaction
create unique index concurrently if not exists idx_deliveries_chat
  on deliveries (chat_id, integration_type, step, round, chat_message_id) nulls not distinct where chat_id is not null;
