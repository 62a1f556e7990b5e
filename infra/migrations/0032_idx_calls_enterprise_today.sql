-- no transaction
create index concurrently if not exists idx_calls_enterprise_today
  on calls (enterprise_number, started_at) include (direction, status) where merged_into is null;
