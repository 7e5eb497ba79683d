/**
 * A thread in lists, and what its view says of the thread itself. The row moves with every batch of events of the thread,
 * so no column that does is in an index, and pages keep room for the next version of a row. Lists in order of updates have
 * the hour to go by: rows of one hour are sorted when they are read. `metadata` is never null in a row, and may be in the
 * upsert of one, to be left alone; so it can't be declared.
 */
export const thread = `
create table thread (
  version integer not null,
  turn_count integer not null,
  message_count integer not null,
  pending_requests integer not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  status text collate "C" not null,
  title text,
  created_at text collate "C" not null,
  updated_at text collate "C" not null,
  updated_hour text collate "C" not null generated always as (left(updated_at, 13)) stored,
  active_turn_id text collate "C",
  queue json not null,
  metadata json,
  primary key (tenant, thread_id)
) with (fillfactor = 50)`

export const threadByUpdate = `create index thread_by_update on thread (tenant, updated_hour)`

export const threadBusy = `create index thread_busy on thread (tenant, thread_id) where active_turn_id is not null`
