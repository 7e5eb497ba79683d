/** What was remarked in a turn and changes nothing. */
export const activity = `
create table activity (
  turn_index integer not null,
  activity_index integer not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  activity json not null,
  primary key (tenant, thread_id, turn_index, activity_index)
)`
