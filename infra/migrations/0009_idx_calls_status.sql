-- no transaction
create index concurrently idx_calls_enterprise_status on calls (enterprise_number, status, started_at desc, id desc);
