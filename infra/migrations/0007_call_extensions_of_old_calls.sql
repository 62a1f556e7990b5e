-- After 0006 and not in it: the trigger's lock on `calls` must not be held for as long as this takes.
insert into call_extensions (enterprise_number, extension, started_at, call_id)
select calls.enterprise_number, extension, calls.started_at, calls.id
from calls
cross join unnest(extensions_of_call(calls)) as extension
where calls.merged_into is null
on conflict do nothing;
