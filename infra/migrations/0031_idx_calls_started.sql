-- no transaction
create index concurrently if not exists idx_calls_started
  on calls (started_at) include (direction, status) where merged_into is null;
