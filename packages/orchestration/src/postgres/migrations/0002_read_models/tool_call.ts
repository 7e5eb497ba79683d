/** Tool calls, each a part of its message. What one prints while it is open is in the log, and here from its close on. */
export const toolCall = `
create table tool_call (
  turn_index integer not null,
  message_index integer not null,
  part_index integer not null,
  closed_at_version integer,
  input_truncated boolean not null,
  provider_executed boolean not null,
  output_truncated boolean not null,
  result_truncated boolean not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  part_id text collate "C" not null,
  tool_call_id text collate "C" not null,
  name text not null,
  status text collate "C" not null,
  input json,
  output text not null,
  result json,
  error json,
  primary key (tenant, thread_id, turn_index, message_index, part_index)
) with (fillfactor = 80)`
