-- Calls that somebody asked for by a click, the boxes they are made on, and what Telegram sent.

-- Where clicks ring: null is "inoffice".
alter table enterprises add column originate_context text;

create table originates (
  id                uuid             primary key,
  enterprise_number text             not null references enterprises (number),
  extension         text             not null,
  phone             text             not null,
  -- Who asked: external, admin, telegram, retailcrm, bitrix24.
  source            text             not null,
  state             text             not null default 'requested'
    check (state in ('requested', 'accepted', 'ringing_agent', 'ringing_client', 'talking', 'ended', 'failed')),
  -- Why it failed: a word for programs, a sentence for people.
  problem           text,
  reason            text,
  warning           text,
  host              text,
  response_time_ms  double precision,
  -- The first leg, as the box names it, and the ids of both halves of its Local pair.
  channel           text,
  unique_ids        text[]           not null default '{}',
  call_id           uuid,
  requested_at      timestamptz      not null default clock_timestamp(),
  updated_at        timestamptz      not null default clock_timestamp()
);

create index idx_originates_enterprise on originates (enterprise_number, requested_at desc);
create index idx_originates_living on originates (requested_at) where state not in ('ended', 'failed');

create table asterisk_hosts (
  enterprise_number text             primary key references enterprises (number) on delete cascade,
  checked_at        timestamptz      not null,
  last_seen_at      timestamptz,
  -- Null while all is well.
  problem           text,
  version           text,
  uptime_seconds    integer,
  channels          integer,
  calls             integer,
  latency_ms        double precision,
  -- The box's clock minus ours.
  clock_offset_ms   double precision,
  -- What a box showed instead of the key we know; null when it shows that.
  offered_host_key  text
);

-- An update that Telegram sends again is the same one.
create table telegram_updates (
  bot         text        not null,
  update_id   bigint      not null,
  received_at timestamptz not null default now(),
  primary key (bot, update_id)
);

create index idx_telegram_updates_received on telegram_updates (received_at);
