-- Who listens by WebSocket. A row lives as long as its connection; one that nobody said goodbye of is removed when a
-- send finds it gone, and by the maintenance job after the gateway's longest life of a connection.

create table socket_connections (
  -- The gateway's connection id.
  id                text        primary key,
  kind              text        not null check (kind in ('calls', 'deliveries', 'chats')),
  -- The owner: a superadmin, an admin of an enterprise, or (neither) a program of the enterprise.
  admin_id          integer     references admins (id) on delete cascade,
  user_id           integer     references users (id) on delete cascade,
  -- Whose changes are heard; null means all of them, or nobody's before it is authorised.
  enterprise_number text        references enterprises (number),
  connected_at      timestamptz not null default now(),
  authorised_at     timestamptz,
  check (authorised_at is null or admin_id is not null or enterprise_number is not null)
);

create index idx_socket_connections_heard on socket_connections (kind, enterprise_number) where authorised_at is not null;
create index idx_socket_connections_silent on socket_connections (connected_at) where authorised_at is null;
create index idx_socket_connections_connected on socket_connections (connected_at);
