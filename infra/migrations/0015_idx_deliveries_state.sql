-- no transaction
create index concurrently idx_deliveries_enterprise_state on deliveries (enterprise_number, state, id desc) where state in ('retrying', 'parked', 'failed', 'expired');
