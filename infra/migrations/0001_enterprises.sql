-- Tenants, the names of their lines and employees, and the state of their integrations.

create table enterprises (
  id                        integer generated always as identity primary key,
  number                    text        not null unique,
  name                      text        not null,
  name2                     text        unique,
  token                     text        not null unique,
  previous_token            text,
  previous_token_until      timestamptz,
  secret                    text        not null unique,
  ip                        text,
  host                      text,
  ssh_port                  integer,
  ssh_user                  text,
  ssh_credentials           text,
  ssh_host_key              text,
  bot_token                 text,
  chat_id                   text,
  timezone                  text        not null default 'Europe/Minsk',
  active                    boolean     not null default true,
  is_enabled                boolean     not null default true,
  parameter_option_1        boolean     not null default true,
  parameter_option_2        boolean     not null default true,
  parameter_option_3        boolean     not null default true,
  parameter_option_4        boolean     not null default false,
  parameter_option_5        boolean     not null default true,
  custom_domain             text,
  custom_port               integer,
  scheme_count              integer,
  gsm_line_count            integer,
  integrations_config       jsonb       not null default '{}',
  config_version            integer     not null default 1,
  smart_redirect            jsonb       not null default '{}',
  recordings                jsonb       not null default '{}',
  -- Why the Telegram chat of this enterprise gets nothing at the moment; null while all is well.
  telegram_paused_reason    text,
  created_at                timestamptz not null default now(),
  updated_at                timestamptz not null default now()
);

create index idx_enterprises_previous_token on enterprises (previous_token) where previous_token is not null;

comment on column enterprises.parameter_option_1 is 'Telegram: notify while it rings';
comment on column enterprises.parameter_option_2 is 'Telegram: notify while they talk';
comment on column enterprises.parameter_option_3 is 'copy recordings';
comment on column enterprises.parameter_option_4 is 'Telegram: notify of internal calls';
comment on column enterprises.parameter_option_5 is 'Telegram: call-back buttons';

create table lines (
  enterprise_number text not null references enterprises (number),
  line              text not null,
  name              text not null,
  primary key (enterprise_number, line)
);

create table extensions (
  enterprise_number text not null references enterprises (number),
  extension         text not null,
  name              text,
  mobile            text,
  telegram_id       bigint,
  primary key (enterprise_number, extension)
);

-- Extension <-> CRM user, per integration.
create table integration_users (
  enterprise_number text not null references enterprises (number),
  integration_type  text not null,
  extension         text not null,
  crm_user_id       text not null,
  crm_user_name     text,
  primary key (enterprise_number, integration_type, extension)
);

-- What every instance must know of an integration at this moment: paused by us, or resting after time-outs.
create table integration_states (
  enterprise_number text        not null references enterprises (number),
  integration_type  text        not null,
  paused_at         timestamptz,
  pause_reason      text,
  timeouts          integer     not null default 0,
  open_until        timestamptz,
  -- While one instance renews the tokens of the integration: until when it is believed to be alive.
  renewing_until    timestamptz,
  primary key (enterprise_number, integration_type)
);

-- Token buckets shared by all instances (one row per CRM account, chat, client …).
create table rate_buckets (
  key        text             primary key,
  tokens     double precision not null,
  granted    boolean          not null,
  updated_at timestamptz      not null
);

create table job_runs (
  id          bigint generated always as identity primary key,
  name        text        not null,
  started_at  timestamptz not null default now(),
  finished_at timestamptz,
  result      text,
  counts      jsonb
);

create index idx_job_runs_name on job_runs (name, started_at desc);
