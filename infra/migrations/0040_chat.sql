-- The web chat: visitors, the AI, managers in Telegram.

create table managers (
  telegram_id      bigint      primary key,
  name             text        not null,
  extension        text,
  is_admin         boolean     not null default false,
  -- paused: known, but gets no chats whatever he presses.
  status           text        not null default 'offline' check (status in ('online', 'offline', 'paused')),
  max_active_chats integer     not null default 5 check (max_active_chats between 1 and 50),
  shift_started_at timestamptz,
  removed_at       timestamptz,
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now()
);

create table manager_shifts (
  id         bigint      generated always as identity primary key,
  manager_id bigint      not null references managers (telegram_id),
  started_at timestamptz not null default now(),
  ended_at   timestamptz
);
create unique index idx_manager_shifts_open on manager_shifts (manager_id) where ended_at is null;
create index idx_manager_shifts_started on manager_shifts (started_at);

create table chat_sessions (
  id              uuid        primary key,
  token_hash      bytea       not null unique,
  state           text        not null default 'ai' check (state in ('ai', 'waiting', 'active', 'closed', 'offline')),
  page            text        not null,
  referrer        text,
  locale          text        not null default 'ru',
  user_agent      text,
  ip              text,
  name            text,
  phone           text,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  last_message_at timestamptz not null default now()
);
create index idx_chat_sessions_created on chat_sessions (created_at);
-- For questions that the AI has not answered.
create index idx_chat_sessions_ai on chat_sessions (last_message_at) where state = 'ai';

-- One hand-over to people. A session may have several, one after the other.
create table support_chats (
  id               uuid        primary key,
  number           bigint      generated always as identity unique,
  session_id       uuid        not null references chat_sessions (id) on delete cascade,
  kind             text        not null default 'live' check (kind in ('live', 'offline')),
  state            text        not null default 'waiting' check (state in ('waiting', 'active', 'closed')),
  question         text,
  requested_at     timestamptz not null default now(),
  -- When the next manager is asked; null when nobody is left to ask or nobody needs to be.
  escalate_at      timestamptz,
  everybody_asked  boolean     not null default false,
  accepted_at      timestamptz,
  first_answer_at  timestamptz,
  last_activity_at timestamptz not null default now(),
  idle_warned_at   timestamptz,
  closed_at        timestamptz,
  closed_by        text        check (closed_by in ('manager', 'visitor', 'silence')),
  rating           integer     check (rating between 1 and 5),
  rating_comment   text
);
create unique index idx_support_chats_open on support_chats (session_id) where state <> 'closed';
create index idx_support_chats_requested on support_chats (requested_at desc, id desc);
create index idx_support_chats_escalate on support_chats (escalate_at) where state = 'waiting' and escalate_at is not null;
create index idx_support_chats_active on support_chats (last_activity_at) where state = 'active';

-- Who is in a chat. The owner closes; guests see and answer.
create table support_chat_managers (
  chat_id    uuid        not null references support_chats (id) on delete cascade,
  manager_id bigint      not null references managers (telegram_id),
  role       text        not null check (role in ('owner', 'guest')),
  joined_at  timestamptz not null default now(),
  left_at    timestamptz,
  primary key (chat_id, manager_id)
);
create unique index idx_support_chat_managers_owner on support_chat_managers (chat_id) where role = 'owner' and left_at is null;
create index idx_support_chat_managers_manager on support_chat_managers (manager_id) where left_at is null;

-- Whom a waiting chat was offered to, and the message with the buttons.
create table support_chat_offers (
  chat_id    uuid        not null references support_chats (id) on delete cascade,
  manager_id bigint      not null references managers (telegram_id),
  offered_at timestamptz not null default now(),
  message_id bigint,
  -- The buttons are to be taken away when the chat is somebody's.
  is_open    boolean     not null default true,
  primary key (chat_id, manager_id)
);

-- Reply mode: what a manager writes goes to this chat.
create table manager_states (
  manager_id bigint      primary key references managers (telegram_id),
  chat_id    uuid        references support_chats (id) on delete set null,
  -- A question of the bot that waits for text: which, and about what.
  awaits     jsonb,
  updated_at timestamptz not null default now()
);

create table chat_attachments (
  id           uuid        primary key,
  session_id   uuid        not null references chat_sessions (id) on delete cascade,
  object_key   text        not null unique,
  file_name    text        not null,
  content_type text        not null,
  size         bigint      not null,
  stored_at    timestamptz,
  created_at   timestamptz not null default now()
);

-- Ids grow within a session in the order the messages are stored: the session's row is locked while one is added.
create table chat_messages (
  id                bigint      generated always as identity primary key,
  session_id        uuid        not null references chat_sessions (id) on delete cascade,
  chat_id           uuid        references support_chats (id) on delete set null,
  sender            text        not null check (sender in ('ai', 'user', 'manager', 'system')),
  text              text        not null default '',
  attachment_id     uuid        references chat_attachments (id) on delete set null,
  manager_id        bigint      references managers (telegram_id),
  manager_name      text,
  client_id         text,
  -- Of an answer of the AI: what it answers. One message is answered once.
  answers_id        bigint      unique,
  -- Of a manager's message: where he wrote it.
  telegram_chat     bigint,
  telegram_message  bigint,
  -- Not now(): that is when the transaction began, before it waited for the lock.
  created_at        timestamptz not null default clock_timestamp(),
  edited_at         timestamptz,
  delivered_at      timestamptz,
  read_at           timestamptz,
  unique (session_id, client_id),
  unique (telegram_chat, telegram_message)
);
create index idx_chat_messages_session on chat_messages (session_id, id);
create index idx_chat_messages_chat on chat_messages (chat_id, id) where chat_id is not null;

-- What each manager's Telegram shows of a message: for edits, replies and marks. Without telegram_message it is owed.
create table chat_copies (
  message_id       bigint      not null references chat_messages (id) on delete cascade,
  manager_id       bigint      not null references managers (telegram_id),
  telegram_message bigint,
  sent_text        text,
  attempts         integer     not null default 0,
  given_up_at      timestamptz,
  created_at       timestamptz not null default now(),
  primary key (message_id, manager_id)
);
create index idx_chat_copies_telegram on chat_copies (manager_id, telegram_message);
create index idx_chat_copies_owed on chat_copies (created_at) where telegram_message is null and given_up_at is null;

create table chat_connections (
  id           text        primary key,
  session_id   uuid        references chat_sessions (id) on delete cascade,
  connected_at timestamptz not null default now(),
  authorised_at timestamptz,
  -- Everything up to this message has been sent to it, in order. What is new is sent from here on, so that a frame that
  -- could not be sent is never passed over by a later one.
  last_id       bigint      not null default 0
);
create index idx_chat_connections_session on chat_connections (session_id) where session_id is not null;
create index idx_chat_connections_connected on chat_connections (connected_at);

-- What happened to a chat, for its page.
create table chat_events (
  id         bigint      generated always as identity primary key,
  session_id uuid        not null references chat_sessions (id) on delete cascade,
  chat_id    uuid,
  manager_id bigint,
  kind       text        not null,
  details    jsonb       not null default '{}',
  at         timestamptz not null default now()
);
create index idx_chat_events_session on chat_events (session_id, id);

create table chat_settings (
  id              boolean primary key default true check (id),
  ai_prompt       text    not null default '',
  greeting        text    not null default '',
  escalate_after_seconds integer not null default 60 check (escalate_after_seconds between 10 and 600),
  idle_close_minutes     integer not null default 30 check (idle_close_minutes between 6 and 1440),
  updated_at      timestamptz not null default now()
);
insert into chat_settings default values;
