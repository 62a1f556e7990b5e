-- no transaction
create index concurrently idx_integration_logs_enterprise_created on integration_logs (enterprise_number, created_at, id);
