-- no transaction
-- Who deletes a call, or an enterprise with its calls, would read them all for each.
create index concurrently if not exists idx_calls_merged_into
  on calls (merged_into) where merged_into is not null;
