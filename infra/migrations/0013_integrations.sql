-- What the admin does with integrations: settings that a CRM names us by, replays, long work, alerts, clicks in a CRM.

-- SHA-256 of the client id that a CRM sends with a click-to-call.
alter table enterprises add column client_id_hash bytea unique;

-- How often a delivery that had been delivered was sent again on purpose: part of what a receiver knows it by.
alter table deliveries add column repeats integer not null default 0;

-- Work that is too long for one request: begun by it, done by the sweeper in parts.
create table jobs (
  id                uuid        primary key,
  kind              text        not null,
  -- Whose work it is; null: only superadmins see it.
  enterprise_number text        references enterprises (number),
  state             text        not null default 'running' check (state in ('running', 'done', 'failed')),
  request           jsonb       not null,
  -- How far it has come, in the work's own words.
  place             jsonb,
  done              integer     not null default 0,
  total             integer,
  result            jsonb,
  error             text,
  failures          integer     not null default 0,
  -- Until when whoever is at it is believed to be alive.
  leased_until      timestamptz,
  created_at        timestamptz not null default now(),
  updated_at        timestamptz not null default now(),
  finished_at       timestamptz
);

create index idx_jobs_running on jobs (created_at) where state = 'running';
create index idx_jobs_created on jobs (created_at);

-- What the operator has been told of and what is still so: the end of it is one message more.
create table operator_alerts (
  key               text        primary key,
  enterprise_number text        references enterprises (number),
  -- What to say when it is over.
  recovery          text        not null,
  raised_at         timestamptz not null default now()
);

-- What somebody asked for in a CRM: to call a client, to be (un)available.
create table crm_requests (
  id                uuid        primary key,
  enterprise_number text        not null references enterprises (number),
  integration_type  text        not null,
  kind              text        not null,
  -- What the CRM calls it.
  external_id       text,
  crm_user_id       text,
  extension         text,
  phone             text,
  line              text,
  status            text,
  -- Null until somebody tried; then what came of it, in plain words.
  outcome           text,
  created_at        timestamptz not null default now()
);

create index idx_crm_requests_external on crm_requests (enterprise_number, external_id, created_at desc) where external_id is not null;
create index idx_crm_requests_created on crm_requests (created_at);
