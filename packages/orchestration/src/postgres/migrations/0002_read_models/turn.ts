/** Turns, in the order in which they were asked for. `preview`: the beginning of the last closed message that has text. */
export const turn = `
create table turn (
  turn_index integer not null,
  placed_at_version integer,
  interrupt_requested boolean not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  turn_id text collate "C" not null,
  message_id text collate "C" not null,
  status text collate "C" not null,
  assistant_delivery_mode text collate "C" not null,
  choice json not null,
  retry_of text collate "C",
  retried_by text collate "C",
  reason text,
  error json,
  requested_at text collate "C" not null,
  started_at text collate "C",
  ended_at text collate "C",
  preview text not null,
  primary key (tenant, thread_id, turn_index),
  unique (tenant, thread_id, turn_id)
) with (fillfactor = 80)`
