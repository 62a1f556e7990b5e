-- no transaction
create index concurrently if not exists idx_manager_notices_chat
  on manager_notices (chat_id) where chat_id is not null;
