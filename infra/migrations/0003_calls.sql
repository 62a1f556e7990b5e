-- What the events add up to.

create table calls (
  id                uuid        primary key,
  enterprise_number text        not null references enterprises (number),
  main_unique_id    text        not null,
  direction         text        not null check (direction in ('in', 'out', 'internal')),
  status            text        not null,
  phone             text,
  line              text,
  caller            text,
  ringing           text[]      not null default '{}',
  rang              text[]      not null default '{}',
  first_answered_by text,
  last_talked_by    text,
  transfer_from     text,
  transfer_to       text,
  click_to_call     boolean     not null default false,
  source            text        not null default 'live' check (source in ('live', 'downloaded')),
  settled           boolean     not null default false,
  started_at        timestamptz not null,
  answered_at       timestamptz,
  ended_at          timestamptz,
  wait_seconds      integer,
  talk_seconds      integer,
  last_event_at     timestamptz not null,
  -- Counts changes of what people see; the dedup id of what follows from a change.
  version           integer     not null default 1,
  -- The version that Telegram shows (or rightly does not show); what lags behind is swept.
  telegram_version  integer     not null default 0,
  -- Found to be the same conversation as another call; this row is history only.
  merged_into       uuid        references calls (id) deferrable initially deferred,
  created_at        timestamptz not null default now(),
  updated_at        timestamptz not null default now()
);

create unique index calls_main_unique_id on calls (enterprise_number, main_unique_id) where merged_into is null;

create index idx_calls_enterprise_started on calls (enterprise_number, started_at desc, id desc);
create index idx_calls_enterprise_phone on calls (enterprise_number, phone, started_at desc) where phone is not null;
create index idx_calls_living on calls (last_event_at) where ended_at is null and merged_into is null;
create index idx_calls_telegram_lag on calls (updated_at) where telegram_version < version;

-- A channel's unique id belongs to one call.
create table call_legs (
  enterprise_number text not null,
  unique_id         text not null,
  call_id           uuid not null references calls (id) on delete cascade,
  primary key (enterprise_number, unique_id)
);

create index idx_call_legs_call on call_legs (call_id);

create table call_talkers (
  call_id   uuid        not null references calls (id) on delete cascade,
  position  integer     not null,
  extension text        not null,
  from_at   timestamptz not null,
  to_at     timestamptz,
  primary key (call_id, position)
);

-- How a new event finds the calls it may belong to: by a channel, a bridge, a Local pair … Emptied after two days.
create table call_links (
  enterprise_number text        not null,
  key               text        not null,
  call_id           uuid        not null,
  seen_at           timestamptz not null,
  primary key (enterprise_number, key, call_id)
);

create index idx_call_links_call on call_links (call_id);
create index idx_call_links_seen on call_links (seen_at);

create table telegram_messages (
  call_id      uuid        not null references calls (id) on delete cascade,
  chat_id      text        not null,
  message_id   bigint      not null,
  text_hash    text        not null,
  call_version integer     not null,
  updated_at   timestamptz not null default now(),
  primary key (call_id, chat_id)
);
