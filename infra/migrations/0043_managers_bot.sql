-- The managers' bot: updates that wait to be worked in, what the bot owes to managers, and what their Telegram shows.

alter table telegram_updates
  -- Only while it waits: what people wrote is not kept here afterwards.
  add column payload      jsonb,
  add column chat         text,
  add column processed_at timestamptz,
  add column failed_at    timestamptz;
create index idx_telegram_updates_waiting on telegram_updates (received_at) where payload is not null and failed_at is null;

-- A text of the bot's own for one person: an answer to a command, a notice.
create table manager_notices (
  id               bigint      generated always as identity primary key,
  -- What it follows from: worked in twice, it is said once.
  source           text        not null unique,
  telegram_id      bigint      not null,
  chat_id          uuid        references support_chats (id) on delete cascade,
  text             text        not null,
  buttons          jsonb       not null default '[]',
  telegram_message bigint,
  attempts         integer     not null default 0,
  given_up_at      timestamptz,
  created_at       timestamptz not null default now()
);
create index idx_manager_notices_owed on manager_notices (created_at) where telegram_message is null and given_up_at is null;
create index idx_manager_notices_created on manager_notices (created_at);
create index idx_manager_notices_telegram on manager_notices (telegram_id, telegram_message);

-- Below a manager's own message: stored, or delivered to the visitor.
create table chat_marks (
  message_id       bigint      primary key references chat_messages (id) on delete cascade,
  telegram_message bigint,
  shown            text        check (shown in ('stored', 'delivered')),
  attempts         integer     not null default 0,
  given_up_at      timestamptz,
  created_at       timestamptz not null default now()
);
create index idx_chat_marks_owed on chat_marks (created_at) where shown is distinct from 'delivered' and given_up_at is null;

-- A manager's card of a chat: what it shows now; null is owed.
alter table support_chat_offers
  add column shown       text,
  add column is_behind   boolean not null default true,
  add column attempts    integer not null default 0;
create index idx_support_chat_offers_behind on support_chat_offers (offered_at) where is_behind;
create index idx_support_chat_offers_message on support_chat_offers (manager_id, message_id);
