-- no transaction
create unique index concurrently if not exists idx_calls_recording_file on calls (recording_file) where recording_file is not null;
