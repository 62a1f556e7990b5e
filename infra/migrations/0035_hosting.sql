-- Hosting: servers that are rented from Timeweb Cloud (or elsewhere) for clients, what they cost, what clients pay.

create table hosting_projects (
  id         integer     generated always as identity primary key,
  name       text        not null,
  notes      text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create unique index hosting_projects_name on hosting_projects (lower(name));

create table hosting_servers (
  id                 integer       generated always as identity primary key,
  project_id         integer       references hosting_projects (id) on delete set null,
  client_name        text,
  client_company     text,
  client_telegram_id bigint,
  server_name        text          not null,
  configuration      text,
  ip_address         text,
  -- Roubles a month, all three; null is unknown, which is not zero.
  cost_price         numeric(12, 2),
  client_price       numeric(12, 2),
  service_fee        numeric(12, 2) not null default 0,
  start_date         date,
  next_payment_date  date,
  payment_period     text          not null default 'monthly'
                                   check (payment_period in ('monthly', 'quarterly', 'yearly')),
  status             text          not null default 'active'
                                   check (status in ('active', 'overdue', 'suspended', 'closed')),
  timeweb_id         bigint        unique,
  timeweb_status     text,
  timeweb_preset_id  integer,
  -- What Timeweb said of the server, without the passwords it says along.
  timeweb_data       jsonb,
  auto_sync          boolean       not null default true,
  last_sync_at       timestamptz,
  missing_since      timestamptz,
  notes              text,
  -- Taken off the page: a sync leaves it alone, an import brings it back.
  deleted_at         timestamptz,
  created_at         timestamptz   not null default now(),
  updated_at         timestamptz   not null default now()
);

create index idx_hosting_servers_name on hosting_servers (lower(server_name), id) where deleted_at is null;
create index idx_hosting_servers_project on hosting_servers (project_id);
create index idx_hosting_servers_payment on hosting_servers (next_payment_date) where deleted_at is null;

create table hosting_payments (
  id                   integer        generated always as identity primary key,
  server_id            integer        not null references hosting_servers (id),
  amount               numeric(12, 2) not null,
  paid_on              date           not null,
  -- How many payment periods it pays for.
  periods              integer        not null default 1 check (periods between 0 and 60),
  -- What it did to the server's next payment date, so that deleting it can undo that.
  previous_payment_date date,
  next_payment_date    date,
  notes                text,
  created_at           timestamptz    not null default now(),
  updated_at           timestamptz    not null default now()
);

create index idx_hosting_payments_paid on hosting_payments (paid_on desc, id desc);
create index idx_hosting_payments_server on hosting_payments (server_id, id desc);

create table hosting_changes (
  id         bigint      generated always as identity primary key,
  server_id  integer     not null references hosting_servers (id),
  field      text        not null,
  old_value  text,
  new_value  text,
  -- sync: Timeweb said so; payments: the date passed, or was paid; admin: somebody set it.
  source     text        not null check (source in ('sync', 'payments', 'admin')),
  changed_at timestamptz not null default now(),
  -- Whether the operators have to be told of it, and when they were.
  to_tell    boolean     not null default false,
  told_at    timestamptz
);

create index idx_hosting_changes_server on hosting_changes (server_id, id desc);
create index idx_hosting_changes_untold on hosting_changes (id) where to_tell and told_at is null;

-- Every time servers were read from Timeweb. What a run did is in the database or nothing of it is.
create table sync_runs (
  id          bigint      generated always as identity primary key,
  kind        text        not null check (kind in ('schedule', 'admin', 'server', 'import')),
  started_at  timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  result      text        check (result in ('done', 'failed')),
  -- A plain sentence.
  error       text,
  counts      jsonb
);

create index idx_sync_runs_started on sync_runs (started_at desc);

-- What servers cost and brought in a month, as it stood at the month's last run.
create table hosting_months (
  month        date           not null,
  server_id    integer        not null references hosting_servers (id),
  client_name  text,
  cost_price   numeric(12, 2),
  client_price numeric(12, 2),
  service_fee  numeric(12, 2) not null,
  primary key (month, server_id)
);

-- The days on which the operators were told that the money at Timeweb runs out.
create table hosting_balance_alerts (
  day       date           primary key,
  balance   numeric(14, 2) not null,
  days_left numeric(8, 1)  not null
);
