/** Messages of a turn, in the log's order. An open one has its content in the log, from `opened_at_version` on. */
export const message = `
create table message (
  turn_index integer not null,
  message_index integer not null,
  opened_at_version integer not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  message_id text collate "C" not null,
  step_id text collate "C",
  role text collate "C" not null,
  status text collate "C" not null,
  actor text not null,
  runtime text,
  model text,
  error json,
  opened_at text collate "C" not null,
  closed_at text collate "C",
  primary key (tenant, thread_id, turn_index, message_index)
) with (fillfactor = 80)`
