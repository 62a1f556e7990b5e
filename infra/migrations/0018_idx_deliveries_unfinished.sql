-- no transaction
create index concurrently if not exists idx_deliveries_unfinished
  on deliveries (enterprise_number, integration_type, id) where state in ('pending', 'retrying');
