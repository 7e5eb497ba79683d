/** The text and reasoning of closed messages, written once. The parts that are tool calls are in `tool_call`. */
export const messagePart = `
create table message_part (
  turn_index integer not null,
  message_index integer not null,
  part_index integer not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  part_id text collate "C" not null,
  type text collate "C" not null,
  text text not null,
  primary key (tenant, thread_id, turn_index, message_index, part_index)
)`
