-- What the boxes say. A row is stored before the box gets its answer and is its own outbox.

create table call_events (
  -- uuid v7, made by the handler: its time is the partition key.
  id                uuid        not null primary key,
  enterprise_number text        not null,
  event_type        text        not null,
  unique_id         text,
  payload           jsonb       not null,
  raw               text        not null,
  received_at       timestamptz not null,
  source            text        not null default 'live' check (source in ('live', 'downloaded')),
  call_id           uuid,
  attempts          integer     not null default 0,
  sweeps            integer     not null default 0,
  processed_at      timestamptz,
  failed_at         timestamptz,
  last_error        text
) partition by range (id);

create index idx_call_events_call on call_events (call_id) where call_id is not null;
create index idx_call_events_unprocessed on call_events (received_at) where processed_at is null and failed_at is null;

-- The net: an insert must never fail because a partition was not made in time. The maintenance job empties it.
create table call_events_default partition of call_events default;

-- The smallest uuid v7 of a moment.
create function uuid_v7_floor(moment timestamptz) returns uuid
  language sql immutable strict parallel safe
  return (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid;

-- The moment that a uuid v7 was made.
create function uuid_v7_time(id uuid) returns timestamptz
  language sql immutable strict parallel safe
  return to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0);

-- Makes the monthly partitions from the month of `first` for `months` months; rows that went to the default move in,
-- those of older months into partitions of their own, so that their retention finds them.
create function create_call_event_partitions(first timestamptz, months integer) returns integer
  language plpgsql as $$
declare
  month timestamptz;
  last timestamptz := first + make_interval(months => months - 1);
  name text;
  low uuid;
  high uuid;
  made integer := 0;
begin
  first := least(first, (select uuid_v7_time(id) from call_events_default order by id limit 1));
  for month in
    select generate_series(
      date_trunc('month', first at time zone 'UTC'), date_trunc('month', last at time zone 'UTC'), interval '1 month'
    ) at time zone 'UTC'
  loop
    name := 'call_events_' || to_char(month at time zone 'UTC', 'YYYY_MM');
    if to_regclass(name) is not null then
      continue;
    end if;
    low := uuid_v7_floor(month);
    high := uuid_v7_floor(((month at time zone 'UTC') + interval '1 month') at time zone 'UTC');
    execute format('create table %I (like call_events including all)', name);
    execute format('with moved as (delete from call_events_default where id >= %L and id < %L returning *) insert into %I select * from moved', low, high, name);
    execute format('alter table call_events attach partition %I for values from (%L) to (%L)', name, low, high);
    made := made + 1;
  end loop;
  return made;
end $$;

-- Drops the monthly partitions that end before `oldest`.
create function drop_call_event_partitions(oldest timestamptz) returns integer
  language plpgsql as $$
declare
  partition record;
  dropped integer := 0;
begin
  for partition in
    select inhrelid::regclass::text as name
    from pg_inherits
    where inhparent = 'call_events'::regclass and inhrelid::regclass::text ~ '^call_events_\d{4}_\d{2}$'
  loop
    if (to_date(right(partition.name, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC' <= oldest then
      execute format('drop table %I', partition.name);
      dropped := dropped + 1;
    end if;
  end loop;
  return dropped;
end $$;

select create_call_event_partitions(now() - interval '1 month', 4);

-- The same body within 30 s is a repeat. Emptied after a day.
create table event_keys (
  enterprise_number text        not null,
  event_type        text        not null,
  payload_hash      bytea       not null,
  event_id          uuid        not null,
  received_at       timestamptz not null,
  primary key (enterprise_number, event_type, payload_hash)
);

create index idx_event_keys_received on event_keys (received_at);

create table rejected_events (
  id                bigint generated always as identity primary key,
  enterprise_number text        not null,
  event_type        text        not null,
  reason            text        not null,
  body              text        not null,
  received_at       timestamptz not null default now()
);

create index idx_rejected_events_received on rejected_events (received_at);

-- The predecessor's table, for those who still read it by its old columns.
create view asterisk_logs as
  select
    id,
    enterprise_number,
    event_type,
    unique_id,
    payload ->> 'Token' as token,
    payload as event_data,
    received_at as "timestamp"
  from call_events;
