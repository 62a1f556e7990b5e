-- no transaction
create index concurrently idx_integration_logs_time on integration_logs using brin (created_at);
