-- no transaction
create index concurrently idx_calls_enterprise_downloaded on calls (enterprise_number, started_at desc, id desc) where source = 'downloaded';
