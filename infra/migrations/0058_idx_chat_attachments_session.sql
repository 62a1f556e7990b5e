-- no transaction
create index concurrently if not exists idx_chat_attachments_session
  on chat_attachments (session_id);
