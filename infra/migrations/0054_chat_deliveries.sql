-- CRMs and webhooks hear of chats too: a delivery is owed by a call or by a chat.

alter table deliveries
  alter column call_id drop not null,
  add column chat_id uuid,
  -- Of the step chat_message: which one.
  add column chat_message_id bigint,
  drop constraint deliveries_step_check,
  add constraint deliveries_step check (step in (
    'dial', 'bridge', 'hangup', 'recording', 'download', 'chat', 'chat_accepted', 'chat_message', 'chat_closed'
  )) not valid,
  add constraint deliveries_owed_by check ((call_id is null) <> (chat_id is null)) not valid,
  add constraint deliveries_chat foreign key (chat_id) references support_chats (id) on delete cascade not valid;

-- What a CRM calls a chat's client and lead, as crm_links has it for calls.
create table chat_crm_links (
  chat_id          uuid not null references support_chats (id) on delete cascade,
  integration_type text not null,
  key              text not null,
  value            text not null,
  primary key (chat_id, integration_type, key)
);
