-- What a call owes to a CRM, and every attempt to pay it.

create table deliveries (
  id                bigint generated always as identity primary key,
  enterprise_number text        not null references enterprises (number),
  integration_type  text        not null,
  call_id           uuid        not null references calls (id) on delete cascade,
  step              text        not null check (step in ('dial', 'bridge', 'hangup', 'recording', 'download')),
  round             integer     not null default 1,
  -- Whom this step is about: who rings (dial) or who talks (bridge) at the moment it came to be owed.
  extensions        text[]      not null default '{}',
  state             text        not null default 'pending'
    check (state in ('pending', 'sending', 'delivered', 'retrying', 'parked', 'skipped', 'failed', 'expired')),
  reason            text,
  attempts          integer     not null default 0,
  maybe_applied     boolean     not null default false,
  due_at            timestamptz not null default now(),
  next_attempt_at   timestamptz not null default now(),
  -- While sending: until when the attempt is believed to be alive.
  leased_until      timestamptz,
  -- When its message was last put on the queue; null when no message is there.
  queued_at         timestamptz,
  -- Part of the queue's dedup id, so that a message sent anew for the same attempt is not swallowed.
  sends             integer     not null default 0,
  created_at        timestamptz not null default now(),
  updated_at        timestamptz not null default now(),
  unique (call_id, integration_type, step, round)
);

create index idx_deliveries_due on deliveries (next_attempt_at) where state in ('pending', 'retrying');
create index idx_deliveries_sending on deliveries (enterprise_number, integration_type) where state = 'sending';
create index idx_deliveries_parked on deliveries (enterprise_number, integration_type, id) where state = 'parked';
create index idx_deliveries_enterprise on deliveries (enterprise_number, id desc);

create table integration_logs (
  id                 bigint generated always as identity primary key,
  enterprise_number  text        not null references enterprises (number),
  integration_type   text        not null,
  event_type         text        not null,
  call_unique_id     text,
  phone_number       text,
  internal_extension text,
  request_data       jsonb,
  response_data      jsonb,
  status             text        not null check (status in ('success', 'error', 'pending')),
  error_message      text,
  response_time_ms   integer,
  delivery_id        bigint      references deliveries (id) on delete cascade,
  attempt            integer,
  http_status        integer,
  created_at         timestamptz not null default now(),
  updated_at         timestamptz not null default now()
);

create index idx_integration_logs_enterprise on integration_logs (enterprise_number, id desc);
create index idx_integration_logs_type_status on integration_logs (enterprise_number, integration_type, status, id desc);
create index idx_integration_logs_call_id on integration_logs (call_unique_id);
create index idx_integration_logs_delivery on integration_logs (delivery_id);

-- What a CRM calls a call of ours (Bitrix24's CALL_ID …), kept between the steps of the call.
create table crm_links (
  call_id          uuid not null references calls (id) on delete cascade,
  integration_type text not null,
  key              text not null,
  value            text not null,
  primary key (call_id, integration_type, key)
);
