-- no transaction
create index concurrently idx_calls_enterprise_direction on calls (enterprise_number, direction, started_at desc, id desc);
