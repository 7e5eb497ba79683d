/** Questions to people, and their answers. */
export const request = `
create table request (
  turn_index integer not null,
  request_index integer not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  request_id text collate "C" not null,
  step_id text collate "C",
  tool_call_id text collate "C",
  kind text collate "C" not null,
  title text not null,
  questions json not null,
  status text collate "C" not null,
  response json,
  opened_at text collate "C" not null,
  primary key (tenant, thread_id, turn_index, request_index)
) with (fillfactor = 80)`
