-- Calls by everybody of the enterprise who had to do with them, in the order of the call list. An index over the arrays
-- in `calls` cannot give that order: a page would read and sort every call the extension ever had.

create table call_extensions (
  enterprise_number text        not null,
  extension         text        not null,
  started_at        timestamptz not null,
  call_id           uuid        not null,
  primary key (enterprise_number, extension, started_at, call_id)
);

create function extensions_of_call(call calls) returns text[]
  language sql immutable parallel safe
  return array(
    select distinct extension
    from unnest(call.rang || array[
      call.caller, call.first_answered_by, call.last_talked_by, call.transfer_from, call.transfer_to
    ]) as extension
    where extension is not null
  );

-- A trigger, because the code that writes calls may be older than this table.
create function keep_call_extensions() returns trigger
  language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    delete from call_extensions
    where enterprise_number = old.enterprise_number
      and extension = any(extensions_of_call(old))
      and started_at = old.started_at
      and call_id = old.id;
  end if;
  if tg_op <> 'DELETE' and new.merged_into is null then
    insert into call_extensions (enterprise_number, extension, started_at, call_id)
    select new.enterprise_number, extension, new.started_at, new.id
    from unnest(extensions_of_call(new)) as extension
    on conflict do nothing;
  end if;
  return null;
end $$;

create trigger call_extensions_insert_delete
  after insert or delete on calls
  for each row execute function keep_call_extensions();

create trigger call_extensions_update
  after update on calls
  for each row
  when (
    (old.rang, old.caller, old.first_answered_by, old.last_talked_by, old.transfer_from, old.transfer_to,
      old.started_at, old.merged_into)
    is distinct from
    (new.rang, new.caller, new.first_answered_by, new.last_talked_by, new.transfer_from, new.transfer_to,
      new.started_at, new.merged_into)
  )
  execute function keep_call_extensions();
