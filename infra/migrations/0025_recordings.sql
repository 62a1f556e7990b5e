-- What stands after /r/ in the permanent link of a call's recording: made with the call, before any file is there.
alter table calls add column recording_file text;

create table recordings (
  id                uuid             primary key,
  enterprise_number text             not null references enterprises (number),
  -- Of the channel that was recorded, as the file's name has it.
  unique_id         text             not null,
  call_id           uuid             references calls (id) on delete set null,
  source            text             not null check (source in ('box', 'upload')),
  -- empty: noted on the box, nothing to store. uploading: a box was given a link to push to and has not confirmed.
  state             text             not null check (state in ('uploading', 'stored', 'empty', 'deleted')),
  box_path          text,
  box_size          bigint,
  box_modified_at   timestamptz,
  box_deleted_at    timestamptz,
  -- What stands after /r/ in the permanent link of this very file.
  file              text             not null unique,
  key               text             not null unique,
  content_type      text             not null,
  size              bigint           not null default 0,
  sha256            text,
  duration_seconds  double precision,
  -- The box died while it recorded: the header was made good, the end is missing.
  truncated         boolean          not null default false,
  started_at        timestamptz      not null,
  hold              boolean          not null default false,
  revoked_at        timestamptz,
  opens             integer          not null default 0,
  opened_at         timestamptz,
  deleted_at        timestamptz,
  -- Why it could not become an mp3; such a recording stays what it is.
  mp3_problem       text,
  stored_at         timestamptz,
  created_at        timestamptz      not null default now(),
  updated_at        timestamptz      not null default now()
);

-- The memory of what was copied: one row for one file on the box.
create unique index recordings_box_path on recordings (enterprise_number, box_path) where box_path is not null;
create index idx_recordings_key on recordings (key collate "C") where state = 'stored';
create index idx_recordings_started on recordings (enterprise_number, started_at desc, id desc) where state = 'stored';
create index idx_recordings_call on recordings (call_id) where call_id is not null;
create index idx_recordings_unique_id on recordings (enterprise_number, unique_id);
create index idx_recordings_untied on recordings (enterprise_number, stored_at) where state = 'stored' and call_id is null;
create index idx_recordings_on_box on recordings (enterprise_number, stored_at)
  where state = 'stored' and source = 'box' and box_deleted_at is null;
-- What retention looks for; an upload that was never confirmed is found by its own.
create index idx_recordings_uploading on recordings (created_at) where state = 'uploading';

-- Every deletion, on a box or in the store: written before it is done, `done_at` when it was.
create table recording_deletions (
  id                bigint      generated always as identity primary key,
  recording_id      uuid        not null references recordings (id),
  enterprise_number text        not null,
  place             text        not null check (place in ('store', 'box')),
  -- The key in the store, or the path on the box.
  name              text        not null,
  size              bigint      not null,
  reason            text        not null,
  -- Who asked for it; null: a job did.
  admin_kind        text,
  admin_id          integer,
  planned_at        timestamptz not null default now(),
  done_at           timestamptz,
  problem           text,
  unique (recording_id, place, name)
);

create index idx_recording_deletions_enterprise on recording_deletions (enterprise_number, id desc);
create index idx_recording_deletions_undone on recording_deletions (enterprise_number, id) where done_at is null;

-- How far the call list of a box was read. The hash of the file's beginning tells a new file from the old one.
create table cdr_offsets (
  enterprise_number text        primary key references enterprises (number),
  file              text        not null,
  position          bigint      not null default 0,
  head_size         integer     not null default 0,
  head_hash         text,
  read_at           timestamptz not null default now()
);

-- The last look at a box's recordings and call list: an unreachable box is a result, not a failed message.
create table recording_syncs (
  enterprise_number  text        primary key references enterprises (number),
  run                bigint      not null default 0,
  ran_at             timestamptz,
  reached_at         timestamptz,
  problem            text,
  counts             jsonb       not null default '{}',
  -- The call list has no uniqueid column (loguniqueid=no): calls are matched by number and start.
  cdr_without_ids    boolean     not null default false
);

-- What the nightly comparison with the bucket found; shown, never deleted by a job.
create table recording_orphans (
  key               text        primary key,
  kind              text        not null check (kind in ('object without row', 'row without object', 'size differs')),
  enterprise_number text,
  size              bigint      not null default 0,
  found_at          timestamptz not null default now(),
  seen_at           timestamptz not null default now()
);
create table recording_orphan_days (
  day        date        primary key,
  checked_at timestamptz not null default now(),
  objects    integer     not null,
  bytes      bigint      not null
);
