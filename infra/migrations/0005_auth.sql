-- Who may look into the admin: superadmins and the admins of one enterprise, and their sessions.

create table admins (
  id            integer generated always as identity primary key,
  login         text        not null,
  name          text,
  password_hash text        not null,
  active        boolean     not null default true,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now()
);

create unique index admins_login on admins (lower(login));

create table sessions (
  -- SHA-256 of the token in the cookie: the table alone opens nothing.
  token_hash bytea       primary key,
  admin_id   integer     not null references admins (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);

create index idx_sessions_admin on sessions (admin_id);
create index idx_sessions_expires on sessions (expires_at);

create table users (
  id                integer generated always as identity primary key,
  enterprise_number text        not null references enterprises (number),
  login             text        not null,
  name              text,
  password_hash     text        not null,
  active            boolean     not null default true,
  created_at        timestamptz not null default now(),
  updated_at        timestamptz not null default now()
);

create unique index users_login on users (lower(login));
create index idx_users_enterprise on users (enterprise_number, id);

create table user_sessions (
  token_hash   bytea       primary key,
  user_id      integer     not null references users (id) on delete cascade,
  created_at   timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at   timestamptz not null
);

create index idx_user_sessions_user on user_sessions (user_id);
create index idx_user_sessions_expires on user_sessions (expires_at);

-- Failed logins of the last minutes, per login and per network. A bucket that refills would let more through than
-- five in any fifteen minutes, so the failures themselves are kept.
create table login_failures (
  id        bigint generated always as identity primary key,
  -- SHA-256: neither logins nor addresses are kept as text.
  key       bytea       not null,
  failed_at timestamptz not null default clock_timestamp()
);

create index idx_login_failures_key on login_failures (key, failed_at desc);
create index idx_login_failures_failed on login_failures (failed_at);

-- Cookies do not reach the socket's host: a page takes a ticket there, good once and for a minute.
create table socket_tickets (
  ticket_hash bytea       primary key,
  admin_id    integer     references admins (id) on delete cascade,
  user_id     integer     references users (id) on delete cascade,
  expires_at  timestamptz not null,
  check (num_nonnulls(admin_id, user_id) = 1)
);

create index idx_socket_tickets_expires on socket_tickets (expires_at);
