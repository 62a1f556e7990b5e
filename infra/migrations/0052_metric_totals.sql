-- What /metrics counts and no other table could tell without being read through: how many events there ever were. Counted
-- on from where the last reading stopped.

create table metric_totals (
  name  text   not null,
  label text   not null,
  total bigint not null default 0,
  primary key (name, label)
);

create table metric_marks (
  name       text primary key,
  counted_to uuid not null
);

insert into metric_marks (name, counted_to) values ('events', uuid_v7_floor(now()));
