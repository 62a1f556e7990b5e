-- Who looks after a number, as the CRMs said it, and what was done with the calls that asked.

create table responsible_cache (
  enterprise_number text        not null references enterprises (number),
  phone             text        not null,
  -- Null: every CRM was asked and nobody knew.
  found             jsonb,
  asked_at          timestamptz not null default now(),
  primary key (enterprise_number, phone)
);

create index idx_responsible_cache_asked on responsible_cache (asked_at);

create table smart_redirects (
  id                uuid        primary key,
  enterprise_number text        not null references enterprises (number),
  -- The box by its request, or the tracker for a box that only waits.
  asked_by          text        not null check (asked_by in ('endpoint', 'event')),
  phone             text        not null,
  unique_id         text,
  channel           text,
  trunk             text,
  action            text        not null check (action in ('redirected', 'continue')),
  reason            text,
  manager           text,
  manager_name      text,
  source            text,
  cached            boolean     not null default false,
  lookups           jsonb       not null default '[]',
  warning           text,
  took_ms           integer     not null,
  created_at        timestamptz not null default now()
);

create index idx_smart_redirects_enterprise on smart_redirects (enterprise_number, id desc);
create index idx_smart_redirects_created on smart_redirects (created_at);
