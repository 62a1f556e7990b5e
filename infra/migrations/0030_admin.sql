-- Who changed what, when and from where; and the keys that programs show instead of a session.

create table audit_log (
  id                bigint      generated always as identity primary key,
  at                timestamptz not null default clock_timestamp(),
  actor_kind        text        not null check (actor_kind in ('superadmin', 'enterprise admin', 'program', 'nobody')),
  actor_id          integer,
  -- The login as it was then: the person may be gone by now. Null: nobody we know.
  actor             text,
  -- Whose things were changed; null: the operator's own. No reference: the log outlives what it tells of.
  enterprise_number text,
  -- What was done, in a word or two: "enterprise.update", "login".
  action            text        not null,
  -- To which of them: an id, a type, a name.
  subject           text,
  -- [{field, before, after}]; secrets are masked before they come here.
  changes           jsonb       not null default '[]',
  address           text        not null,
  request_id        text        not null
);

create index idx_audit_log_at on audit_log (at desc, id desc);
create index idx_audit_log_enterprise on audit_log (enterprise_number, at desc, id desc);
create index idx_audit_log_actor on audit_log (lower(actor), at desc, id desc);
create index idx_audit_log_action on audit_log (action, at desc, id desc);

create table api_keys (
  id           uuid        primary key,
  name         text        not null,
  -- How it begins: enough for its owner to tell which one it is.
  prefix       text        not null,
  -- SHA-256: the table alone opens nothing.
  key_hash     bytea       not null unique,
  scopes       text[]      not null check (scopes <@ array['chats:read', 'chats:write'] and cardinality(scopes) > 0),
  created_by   text,
  created_at   timestamptz not null default now(),
  last_used_at timestamptz
);
