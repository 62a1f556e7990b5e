-- no transaction
create index concurrently if not exists idx_chat_messages_attachment
  on chat_messages (attachment_id) where attachment_id is not null;
