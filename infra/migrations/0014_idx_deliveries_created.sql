-- no transaction
create index concurrently idx_deliveries_enterprise_created on deliveries (enterprise_number, created_at, id);
