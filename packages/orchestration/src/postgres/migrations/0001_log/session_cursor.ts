/**
 * How far each session's events are durable; moved by the append that made them so. Rows are updated often and in no
 * index but their key: pages keep room for the next version of a row beside it.
 */
export const sessionCursor = `
create table session_cursor (
  through bigint not null,
  generation integer not null,
  session_id text collate "C" primary key
) with (fillfactor = 50)`
