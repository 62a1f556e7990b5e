-- no transaction
create index concurrently idx_calls_enterprise_phone_end on calls (enterprise_number, right(phone, 7), started_at desc, id desc) where phone is not null;
